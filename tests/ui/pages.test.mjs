// Every page, in both languages and both themes: clean by axe, at home at 400 % zoom, with a picture of each
// for people to look at. No page sends anything elsewhere or breaks the policy that the server sets.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, newPage, overflow, screenshot, settled, signIn, violations, visit } from './browser.mjs';
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

function addresses() {
  const { cases } = stage;
  return {
    overview: '',
    inbox: 'work',
    'inbox-mine': 'work?view=mine',
    'inbox-done': 'work?view=done',
    'work-open': `work/${cases.openWork}`,
    'work-overdue': `work/${cases.overdueWork}`,
    'work-taken': `work/${cases.takenWork}`,
    'work-done': `work/${cases.doneWork}`,
    runs: 'runs',
    'runs-filtered': 'runs?status=faulted,waiting&q=Beispiel',
    'run-waiting': `runs/${cases.waitingRun}`,
    'run-faulted': `runs/${cases.faultedRun}`,
    'run-in-doubt': `runs/${cases.doubtfulRun}`,
    'run-completed': `runs/${cases.completedRun}`,
    flows: 'flows',
    flow: `flows/${cases.flow}`,
    start: `flows/${cases.flow}/start`,
    connectors: 'connectors',
    help: 'help',
    accessibility: 'accessibility',
    nowhere: 'nowhere',
    'unknown-run': 'runs/01890a5d-ac96-774b-bcce-b302099a8057',
  };
}

/** Opens what is closed, so that what is inside is checked as well. */
async function unfold(page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('main details')) {
      details.open = true;
    }
  });
  const journal = page.locator('main .section__head button[aria-controls][aria-expanded="false"]');
  if ((await journal.count()) > 0) {
    await journal.first().click();
    await page.locator('main .scroll-region table').first().waitFor();
  }
}

for (const language of ['de', 'en']) {
  for (const theme of ['light', 'dark']) {
    describe(`${language}, ${theme}`, () => {
      let page;

      before(async () => {
        page = await newPage(browser, stage.url, { language, theme });
        await page.goto('/');
        await settled(page);
      });

      after(() => page?.context().close());

      it('sign-in', async () => {
        await screenshot(page, `sign-in-${language}-${theme}`);
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.locator('html').getAttribute('lang'), language);
        await page.locator('main button[type="submit"]').click();
        await page.locator('.kern-error').first().waitFor();
        assert.deepEqual(await violations(page), [], 'with errors shown');
      });

      it('every page behind it', async () => {
        await signIn(page, stage.people.admin);
        for (const [name, address] of Object.entries(addresses())) {
          await visit(page, address);
          await screenshot(page, `${name}-${language}-${theme}`);
          await unfold(page);
          assert.deepEqual(await violations(page), [], name);
          assert.equal(await page.locator('h1').count(), 1, `${name}: one h1`);
          assert.match(await page.title(), /– Umlauf$/, name);
        }
      });

      it('every dialog', async () => {
        await visit(page, `runs/${stage.cases.doubtfulRun}`);
        await page.locator('.doubt .kern-btn--primary').click();
        await page.locator('dialog button[type="submit"]').click();
        await page.locator('dialog .kern-error').first().waitFor();
        await screenshot(page, `dialog-resolve-${language}-${theme}`);
        assert.deepEqual(await violations(page), [], 'resolve');
        await page.keyboard.press('Escape');

        await page.locator('.run-head .kern-btn').last().click();
        await screenshot(page, `dialog-cancel-${language}-${theme}`);
        assert.deepEqual(await violations(page), [], 'cancel');
        await page.keyboard.press('Escape');
      });

      it('nothing left the house, and the policy held', () => {
        assert.deepEqual(page.wrong, []);
      });
    });
  }
}

describe('at 400 % zoom', () => {
  it('no page has to be scrolled sideways', async () => {
    const page = await newPage(browser, stage.url, { width: 320, height: 256 });
    await page.goto('/');
    await settled(page);
    assert.equal(await overflow(page), 0, 'sign-in');
    await signIn(page, stage.people.admin);
    for (const [name, address] of Object.entries(addresses())) {
      await visit(page, address);
      await screenshot(page, `zoom-${name}`);
      await unfold(page);
      assert.equal(await overflow(page), 0, name);
    }
    await page.locator('.header__menu').click();
    assert.equal(await overflow(page), 0, 'menu');
    assert.deepEqual(await violations(page), []);
    await page.context().close();
  });

  it('a dialog fits as well', async () => {
    const page = await newPage(browser, stage.url, { width: 320, height: 256 });
    await signIn(page, stage.people.admin);
    await visit(page, `runs/${stage.cases.doubtfulRun}`);
    await page.locator('.doubt .kern-btn--primary').click();
    const wide = await page.locator('dialog').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
    assert.equal(wide, 0);
    await page.locator('dialog button[type="submit"]').scrollIntoViewIfNeeded();
    await page.locator('dialog button[type="submit"]').click();
    await page.locator('dialog .kern-error').first().waitFor();
    await page.context().close();
  });
});

describe('targets', () => {
  it('are at least 24 pixels high and wide, or links in a line of text', async () => {
    const page = await newPage(browser, stage.url);
    await signIn(page, stage.people.admin);
    for (const [name, address] of Object.entries(addresses())) {
      await visit(page, address);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, select, input, summary, nav a, a.kern-btn')]
          .filter((element) => element.checkVisibility() && !element.classList.contains('kern-sr-only'))
          .filter((element) => {
            const box = element.getBoundingClientRect();
            return box.width < 24 || box.height < 24;
          })
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      assert.deepEqual(small, [], name);
    }
    await page.context().close();
  });
});
