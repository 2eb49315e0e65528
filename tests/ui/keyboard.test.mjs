// The main job with the keyboard alone: sign in, take a work item, decide with a reason, sign out. On the way the
// focus is always somewhere, and always to be seen.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { focusIsVisible, launch, newPage, tabTo } from './browser.mjs';
import { openStage } from './stage.mjs';

let stage;
let browser;
let page;

before(async () => {
  stage = await openStage();
  browser = await launch();
  page = await newPage(browser, stage.url);
});

after(async () => {
  await browser?.close();
  await stage?.stop();
});

const focused = (read) => page.evaluate(read);
const focusedText = () => focused(() => document.activeElement?.textContent?.trim() ?? '');

const focusIsIn = (selector) => page.evaluate((wanted) => document.activeElement?.closest(wanted) !== null, selector);

async function reach(selector, options) {
  await tabTo(page, selector, options);
  assert.ok(await focusIsVisible(page), `the focus on '${selector}' can be seen`);
}

describe('with the keyboard alone', () => {
  it('the first Tab offers to skip the navigation', async () => {
    await page.goto('/');
    await page.locator('main h1').waitFor();
    await reach('.skip', { most: 1 });
    await page.keyboard.press('Enter');
    assert.equal(await focused(() => document.activeElement?.id), 'main');
  });

  it('sign in', async () => {
    await reach('input[autocomplete="username"]');
    await page.keyboard.type(stage.people.clerk.name);
    await reach('input[autocomplete="current-password"]', { most: 1 });
    await page.keyboard.type(stage.people.clerk.password);
    await page.keyboard.press('Enter');
    await page.locator('header .user').waitFor();
    assert.equal(await focused(() => document.activeElement?.tagName), 'H1', 'the new page has the focus');
  });

  it('open the item and take it', async () => {
    await reach(`main a[href="#/work/${stage.cases.openWork}"]`);
    await page.keyboard.press('Enter');
    await page.locator('.work').waitFor();
    assert.equal(await focused(() => document.activeElement?.tagName), 'H1');
    await reach('.work__side .kern-btn--primary', { most: 80 });
    await page.keyboard.press('Enter');
    await page.locator('.work__side form').waitFor();
    assert.ok(await focusIsIn('.work__side'), 'the button is gone, the focus is not');
  });

  it('nothing is chosen beforehand, and what is missing is said', async () => {
    assert.equal(await page.locator('input[type="radio"]:checked').count(), 0);
    await reach('.work__side form button[type="submit"]', { most: 100 });
    await page.keyboard.press('Enter');
    await page.locator('.work__side .kern-error').first().waitFor();
    assert.equal(await focused(() => document.activeElement?.getAttribute('type')), 'radio');
    assert.equal(await page.locator('.work__side .kern-error').count(), 2, 'the outcome and the reason');
  });

  it('choose with the arrows, give a reason, look at it again', async () => {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    assert.equal(await focused(() => document.activeElement?.value), stage.cases.outcomes[0]);
    await reach('.work__side textarea');
    await page.keyboard.type('Alle Nachweise liegen vor.');
    await reach('.work__side form button[type="submit"]');
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
  });

  it('the dialog keeps the focus, and Escape changes nothing', async () => {
    for (let pressed = 0; pressed < 8; pressed++) {
      await page.keyboard.press('Tab');
      const isOutside = await focused(
        () => document.activeElement !== document.body && !document.activeElement?.closest('dialog'),
      );
      assert.equal(isOutside, false);
    }
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.equal(await focused(() => document.activeElement?.getAttribute('type')), 'submit', 'back where it was');
    assert.equal(await page.locator('.work__side textarea').inputValue(), 'Alle Nachweise liegen vor.');
  });

  it('decide', async () => {
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    await reach('dialog button[type="submit"]');
    await page.keyboard.press('Enter');
    await page.locator('.work__side .kern-alert--success').waitFor();
    assert.match(await page.locator('.work__side .kern-alert--success').innerText(), /Alle Nachweise liegen vor\./);
    assert.ok(await focusIsIn('.work__side'));
    const item = await stage.get(`/api/v1/work/${stage.cases.openWork}`);
    assert.equal(item.state, 'done');
    assert.equal(item.decision.outcome, stage.cases.outcomes[0]);
    assert.equal(item.decision.by, stage.people.clerk.name);
  });

  it('sign out', async () => {
    await page.locator('h1').focus();
    await page.keyboard.press('Shift+Tab');
    for (let pressed = 0; pressed < 20 && (await focusedText()) !== 'Abmelden'; pressed++) {
      await page.keyboard.press('Shift+Tab');
    }
    assert.equal(await focusedText(), 'Abmelden');
    await page.keyboard.press('Enter');
    await page.locator('main input[type="password"]').waitFor();
    assert.deepEqual(page.wrong, []);
  });
});

describe('walking through a page', () => {
  it('comes by everything and out at the end', async () => {
    const other = await newPage(browser, stage.url);
    const { signIn, visit } = await import('./browser.mjs');
    await signIn(other, stage.people.admin);
    for (const address of ['', 'runs', `runs/${stage.cases.doubtfulRun}`, `flows/${stage.cases.flow}`]) {
      await visit(other, address);
      await other.evaluate(() => document.activeElement?.blur());
      const seen = new Set();
      let isOut = false;
      for (let pressed = 0; pressed < 400 && !isOut; pressed++) {
        await other.keyboard.press('Tab');
        isOut = await other.evaluate(() => document.activeElement?.closest('footer') !== null);
        if (!isOut) {
          assert.ok(
            await focusIsVisible(other),
            await other.evaluate(() => document.activeElement?.outerHTML.slice(0, 160)),
          );
          seen.add(await other.evaluate(() => document.activeElement?.outerHTML));
        }
      }
      assert.ok(isOut, `'${address}': the footer is reached`);
      assert.ok(seen.size >= 3, `'${address}': something was on the way`);
    }
    await other.context().close();
  });
});
