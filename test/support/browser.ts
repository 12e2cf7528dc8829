/** A real browser for tests of pages: the machine's Chromium, driven by playwright-core. It ends with the test file. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from '../../local/browser';
import { cleanUp } from './clean-up';

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
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}
