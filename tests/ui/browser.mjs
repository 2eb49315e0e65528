// browser.mjs - Debian's Chromium, remote-controlled: pages in a language and a theme, signed in, checked by axe.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const results = join(here, '../../results/screenshots');
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'EN-301-549', 'best-practice'];

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
}

/** A page of a browser of its own: no cookie, nothing remembered. What goes wrong in it is kept in `page.wrong`. */
export async function newPage(browser, url, { language = 'de', theme = 'light', width = 1280, height = 900 } = {}) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height },
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    reducedMotion: 'reduce',
  });
  await context.addInitScript(
    ([lang, scheme]) => {
      localStorage.setItem('umlauf.language', lang);
      localStorage.setItem('umlauf.theme', scheme);
    },
    [language, theme],
  );
  const page = await context.newPage();
  page.wrong = [];
  page.on('pageerror', (error) => page.wrong.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) {
      page.wrong.push(message.text());
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) {
      page.wrong.push(`a request left the house: ${request.url()}`);
    }
  });
  return page;
}

export async function signIn(page, { name, password }) {
  await page.goto('/');
  await page.locator('input[autocomplete="username"]').fill(name);
  await page.locator('input[autocomplete="current-password"]').fill(password);
  await page.locator('main button[type="submit"]').click();
  await page.locator('header .user').waitFor();
}

/** Goes to an address behind the `#` and waits until it has what it shows. */
export async function visit(page, address) {
  await page.goto(`/#/${address}`);
  await settled(page);
}

export async function settled(page) {
  await page.locator('main h1').waitFor();
  await page.locator('main .loading').waitFor({ state: 'detached' });
  await page.evaluate(() => document.fonts.ready);
}

/** What axe finds, one line each; nothing is the only good answer. */
export async function violations(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(
    (values) => globalThis.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] }),
    tags,
  );
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary?.replace(/\s+/g, ' ')}`),
  );
}

export async function screenshot(page, name) {
  await mkdir(results, { recursive: true });
  await page.screenshot({ path: join(results, `${name}.png`), fullPage: true });
}

/** How far the page is wider than its window. */
export function overflow(page) {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
}

/** Presses Tab until the focus is on what `matches` (a selector) says; fails when it never gets there. */
export async function tabTo(page, selector, { most = 60 } = {}) {
  for (let pressed = 0; pressed < most; pressed++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) {
      return;
    }
  }
  throw new Error(`${most} times Tab, and the focus never was on '${selector}'`);
}

/** True when what has the focus can be seen: it is in the window, and it shows that it has the focus. */
export function focusIsVisible(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) {
      return false;
    }
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const middle = document.elementFromPoint(
      Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
      Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1),
    );
    const isOnTop = middle !== null && (element.contains(middle) || middle.contains(element));
    return isInside && isOnTop && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  });
}
