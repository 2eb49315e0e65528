// What changes shows itself; what goes wrong in between costs nobody a word they typed.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, newPage, signIn, visit } from './browser.mjs';
import { openStage } from './stage.mjs';

let stage;
let browser;

before(async () => {
  stage = await openStage();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await stage?.stop();
});

async function pageFor(person) {
  const page = await newPage(browser, stage.url);
  await signIn(page, person);
  return page;
}

const sideOf = (page) => page.locator('.work__side');
const submitOf = (page) => sideOf(page).locator('form button[type="submit"]');

describe('without reloading', () => {
  it('the inbox shows what somebody else takes', async () => {
    const mine = await pageFor(stage.people.clerk);
    const work = await stage.newWork('Hundesteuer: Klara Muster');
    await visit(mine, 'work');
    const row = mine.locator('tr', { hasText: 'Klara Muster' });
    await row.waitFor();
    const other = await pageFor(stage.people.admin);
    await visit(other, `work/${work}`);
    await sideOf(other).locator('.kern-btn--primary').click();
    await row.getByText(stage.people.admin.name).waitFor();
    await mine.context().close();
    await other.context().close();
  });

  it('a new item appears', async () => {
    const page = await pageFor(stage.people.clerk);
    await visit(page, 'work');
    await stage.newWork('Hundesteuer: Ole Neu');
    await page.locator('tr', { hasText: 'Ole Neu' }).waitFor();
    await page.context().close();
  });

  it('a run shows that it was suspended, and says so', async () => {
    const page = await pageFor(stage.people.admin);
    await visit(page, `runs/${stage.cases.waitingRun}`);
    await stage.post(`/api/v1/runs/${stage.cases.waitingRun}/suspend`, { reason: 'Urlaub' });
    await page.locator('.run-head', { hasText: 'angehalten' }).waitFor();
    await page.locator('[role="status"]', { hasText: 'angehalten' }).first().waitFor({ state: 'attached' });
    await stage.post(`/api/v1/runs/${stage.cases.waitingRun}/resume`, {});
    await page.locator('.run-head', { hasText: 'wartet' }).waitFor();
    await page.context().close();
  });
});

describe('what is overdue', () => {
  it('says so in words', async () => {
    const page = await pageFor(stage.people.admin);
    await visit(page, 'work');
    await page.locator('tr', { hasText: 'Laterne flackert' }).getByText('überfällig seit').waitFor();
    await visit(page, `work/${stage.cases.overdueWork}`);
    await sideOf(page).getByText('überfällig seit').waitFor();
    await page.context().close();
  });
});

describe('a line that breaks', () => {
  it('is said, and made good', async () => {
    const page = await pageFor(stage.people.clerk);
    await visit(page, 'work');
    await stage.cut();
    await page.locator('.line-status .kern-alert').waitFor();
    await stage.mend();
    // Before the browser is back: nobody tells it about this one.
    await stage.newWork('Hundesteuer: Inge Unterwegs');
    await page.locator('.line-status .kern-alert').waitFor({ state: 'detached' });
    await page.locator('tr', { hasText: 'Inge Unterwegs' }).waitFor();
    await page.context().close();
  });
});

describe('a decision half typed', () => {
  it('survives a session that ran out', async () => {
    const page = await pageFor(stage.people.clerk);
    const work = await stage.newWork('Hundesteuer: Tom Geduld');
    await visit(page, `work/${work}`);
    await sideOf(page).locator('.kern-btn--primary').click();
    await page.locator(`input[value="${stage.cases.outcomes[1]}"]`).check();
    await sideOf(page).locator('textarea').fill('Der Nachweis der Versicherung fehlt.');
    await submitOf(page).click();
    await page.locator('dialog[open]').waitFor();
    await page.context().clearCookies();
    // Not by a click: the question for the password may lie above already, if something was fetched meanwhile.
    await page
      .locator('dialog form')
      .first()
      .evaluate((form) => form.requestSubmit());

    const again = page.locator('dialog input[type="password"]');
    await again.waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.type), 'password', 'one can type at once');
    await again.fill('falsch');
    await page.keyboard.press('Enter');
    await page.locator('dialog .kern-error').waitFor();
    await again.fill(stage.people.clerk.password);
    await page.keyboard.press('Enter');

    await sideOf(page).locator('.kern-alert--success').waitFor();
    const item = await stage.get(`/api/v1/work/${work}`);
    assert.equal(item.decision.outcome, stage.cases.outcomes[1]);
    assert.equal(item.decision.reason, 'Der Nachweis der Versicherung fehlt.');
    await page.context().close();
  });

  it('survives that somebody else took the item away', async () => {
    const page = await pageFor(stage.people.clerk);
    const work = await stage.newWork('Hundesteuer: Eva Zugleich');
    await visit(page, `work/${work}`);
    await sideOf(page).locator('.kern-btn--primary').click();
    await page.locator(`input[value="${stage.cases.outcomes[0]}"]`).check();
    await sideOf(page).locator('textarea').fill('Geprüft.');
    await submitOf(page).click();
    // While the last question is open, an administrator gives the item back and takes it.
    await stage.post(`/api/v1/work/${work}/release`, {});
    await stage.post(`/api/v1/work/${work}/claim`, {});
    const confirm = page.locator('dialog button[type="submit"]');
    if (await confirm.isVisible()) {
      await confirm.click({ timeout: 2_000 }).catch(() => undefined);
    }
    await sideOf(page).locator('.kern-alert', { hasText: 'bearbeitet diese Aufgabe' }).waitFor();
    // It comes back, and with it what was typed.
    await stage.post(`/api/v1/work/${work}/release`, {});
    await sideOf(page).locator('.kern-btn--primary').click();
    await sideOf(page).locator('textarea').waitFor();
    assert.equal(await sideOf(page).locator('textarea').inputValue(), 'Geprüft.');
    assert.ok(await page.locator(`input[value="${stage.cases.outcomes[0]}"]`).isChecked());
    await page.context().close();
  });

  it('survives a look at another page', async () => {
    const page = await pageFor(stage.people.clerk);
    const work = await stage.newWork('Hundesteuer: Uwe Umweg');
    await visit(page, `work/${work}`);
    await sideOf(page).locator('.kern-btn--primary').click();
    await sideOf(page).locator('textarea').fill('Noch zu prüfen:');
    await visit(page, 'help');
    await visit(page, `work/${work}`);
    assert.equal(await sideOf(page).locator('textarea').inputValue(), 'Noch zu prüfen:');
    await sideOf(page).locator('.kern-btn--tertiary').click();
    await sideOf(page).locator('.kern-btn--primary', { hasText: 'übernehmen' }).waitFor();
    assert.equal((await stage.get(`/api/v1/work/${work}`)).state, 'open', 'given back');
    await page.context().close();
  });
});
