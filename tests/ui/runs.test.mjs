// Finding runs, starting one, steering one; what the settings remember; who sees what.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, newPage, signIn, settled, visit } from './browser.mjs';
import { openStage } from './stage.mjs';

let stage;
let browser;
let page;

before(async () => {
  stage = await openStage();
  browser = await launch();
  page = await newPage(browser, stage.url);
  await signIn(page, stage.people.admin);
});

after(async () => {
  await browser?.close();
  await stage?.stop();
});

const rows = () => page.locator('main tbody tr');

describe('the list of runs', () => {
  it('goes on page by page', async () => {
    await visit(page, 'runs');
    await rows().first().waitFor();
    const first = await rows().count();
    assert.equal(first, 50);
    await page.locator('.more button').click();
    await page.waitForFunction((count) => document.querySelectorAll('main tbody tr').length > count, first);
    const hrefs = await rows()
      .locator('a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.equal(new Set(hrefs).size, hrefs.length, 'no run twice');
  });

  it('finds by a word of the input, and the address says what was asked', async () => {
    await visit(page, 'runs');
    await page.locator('input[type="search"]').fill('Zwergspitz');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 1);
    assert.match(page.url(), /q=Zwergspitz/);
  });

  it('filters by status, and the filter can be taken off', async () => {
    await visit(page, 'runs');
    await page.locator('.filter summary').click();
    await page.getByLabel('fehlgeschlagen', { exact: true }).check();
    await page.locator('.filter .actions button[type="submit"]').click();
    await page.waitForFunction(() => /status=faulted/.test(location.hash));
    await settled(page);
    await page.waitForFunction(() =>
      [...document.querySelectorAll('main tbody .kern-badge')].every((badge) =>
        /fehlgeschlagen/.test(badge.textContent),
      ),
    );
    assert.ok((await rows().count()) >= 1);
    await page.getByText('Filter zurücksetzen').click();
    await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 50);
  });

  it('says so when nothing fits', async () => {
    await visit(page, 'runs?q=gibtesnicht');
    await page.getByText('Kein Vorgang passt').waitFor();
  });
});

describe('one run', () => {
  it('shows where and why it failed', async () => {
    await visit(page, `runs/${stage.cases.faultedRun}`);
    const alert = page.locator('.kern-alert--danger');
    await alert.getByText(stage.cases.faultTitle).first().waitFor();
    await alert.getByRole('button', { name: 'Zum Schritt' }).click();
    assert.match(await page.evaluate(() => document.activeElement?.className), /step--faulted/);
  });

  it('shows its journal', async () => {
    await visit(page, `runs/${stage.cases.completedRun}`);
    await page.getByRole('button', { name: 'Journal anzeigen' }).click();
    await page.getByText('Vorgang begonnen').first().waitFor();
    await page.getByText('Vorgang abgeschlossen').first().waitFor();
  });

  it('can be cancelled, with a reason', async () => {
    const run = await stage.newRun('Hundesteuer: Storno Beispiel');
    await visit(page, `runs/${run}`);
    await page.getByRole('button', { name: 'Abbrechen' }).click();
    await page.locator('dialog textarea').fill('Doppelt eingegangen');
    await page.locator('dialog button[type="submit"]').click();
    await page.locator('.run-head', { hasText: 'abgebrochen' }).waitFor();
    assert.equal((await stage.get(`/api/v1/runs/${run}`)).status, 'cancelled');
    assert.equal(await page.locator('.run-head button').count(), 0, 'what is over cannot be steered');
  });

  it('in doubt: shows what is known, asks for a reason, goes on', async () => {
    await visit(page, `runs/${stage.cases.doubtfulRun}`);
    await page.locator('.doubt', { hasText: stage.cases.doubtfulTask }).waitFor();
    await page.locator('.doubt .kern-btn--primary').click();
    assert.equal(await page.locator('dialog input[type="radio"]:checked').count(), 0);
    await page.locator('dialog input[value="skip"]').check();
    await page.locator('dialog textarea').first().fill('{ "beleg": ');
    await page.locator('dialog textarea').last().fill('In der Kasse nachgesehen: gebucht.');
    await page.locator('dialog button[type="submit"]').click();
    await page.locator('dialog .kern-error', { hasText: 'JSON' }).waitFor();
    await page.locator('dialog textarea').first().fill('{ "beleg": 4711 }');
    await page.locator('dialog button[type="submit"]').click();
    await page.locator('.doubt').waitFor({ state: 'detached' });
    assert.equal((await stage.get(`/api/v1/runs/${stage.cases.doubtfulRun}`)).inDoubt, null);
  });

  it('can be started, with JSON that is looked at first', async () => {
    await visit(page, `flows/${stage.cases.flow}/start`);
    await page.locator('textarea').fill('{ falsch');
    await page.locator('main button[type="submit"]').click();
    await page.locator('.kern-error').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA');
    await page.locator('textarea').fill(JSON.stringify(stage.form('Gustav Start', 'Mops')));
    await page.locator('main button[type="submit"]').click();
    await page.waitForFunction(() => /#\/runs\/.+/.test(location.hash));
    await page.locator('.panel .tree', { hasText: 'Gustav Start' }).waitFor();
  });
});

describe('settings', () => {
  it('language and theme are remembered, the page says its language', async () => {
    const context = await browser.newContext({ baseURL: stage.url, locale: 'de-DE' });
    const own = await context.newPage();
    await own.goto('/');
    await own.getByRole('button', { name: 'English' }).click();
    await own.getByRole('heading', { name: 'Sign in' }).waitFor();
    await own.locator('.theme__select').selectOption('dark');
    await own.reload();
    await own.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(await own.locator('html').getAttribute('lang'), 'en');
    assert.equal(await own.locator('html').getAttribute('data-kern-theme'), 'dark');
    await context.close();
  });
});

describe('who sees what', () => {
  it('a clerk begins with the work and sees no runs in the navigation', async () => {
    const own = await newPage(browser, stage.url);
    await signIn(own, stage.people.clerk);
    await own.getByRole('heading', { level: 1, name: 'Aufgaben' }).waitFor();
    assert.equal(await own.locator('nav a[href="#/runs"]').count(), 0);
    await visit(own, 'runs');
    await own.getByText('reichen Ihre Rollen nicht aus').waitFor();
    await own.context().close();
  });

  it('a wrong password is told in a way that helps nobody else', async () => {
    const own = await newPage(browser, stage.url);
    await own.goto('/');
    await own.locator('input[autocomplete="username"]').fill(stage.people.clerk.name);
    await own.locator('input[type="password"]').fill('falsch');
    await own.keyboard.press('Enter');
    await own.getByText('Benutzername oder Passwort ist nicht richtig.').waitFor();
    assert.equal(await own.locator('input[autocomplete="username"]').inputValue(), stage.people.clerk.name);
    await own.context().close();
  });
});
