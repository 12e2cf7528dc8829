/** A real browser for tests of pages: the machine's Chromium, driven by playwright-core. It ends with the test file. */
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from '../../local/browser';
import { cleanUp } from './clean-up';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** Asks axe, in the page, for the names of the rules that are broken seriously. */
const SERIOUS = `axe.run().then(({ violations }) =>
  violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id))`;

/** Path of the machine's Chromium. Null, with a sentence for the reader: there is none. */
export function chromiumOrWords(): string | null {
  const found = findChromium();
  if (found === null) {
    process.stdout.write(
      'browser tests are left out: no Chromium was found; install it (Debian: apt-get install chromium) or set CHROMIUM_PATH\n',
    );
  }
  return found;
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  cleanUp(() => browser.close());
  return browser;
}

/** Everything that a page complains about: scripts that fail, requests that its policy refuses. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} at ${message.location().url}`);
  });
  return complaints;
}

/** Stands for `describe` where there is no browser. */
export function describeNothing(what: string): void {
  test(`${what} is not tried here, because no Chromium is installed`, () => expect(chromiumOrWords()).toBeNull());
}

/** What is wrong with the page that is open: wider than its window, or broken for people with disabilities. */
export async function faultsOn(page: Page): Promise<string[]> {
  const { pathname, search } = new URL(page.url());
  const found: string[] = [];
  for (const width of [1400, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    if (over > 0) found.push(`${over} px wider than ${width}`);
  }
  // The policy of our pages allows no foreign script; what a debugger evaluates is not bound by it.
  await page.evaluate(AXE);
  found.push(...(await page.evaluate<readonly string[]>(SERIOUS)));
  return found.map((fault) => `${pathname}${search}: ${fault}`);
}
