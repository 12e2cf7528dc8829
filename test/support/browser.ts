/** A real browser for tests of pages: the machine's Chromium, driven by playwright-core. It ends with the test file. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { cleanUp } from './clean-up';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of the machine's Chromium: CHROMIUM_PATH, or the first on the PATH. Null, with a sentence for the reader: there is none. */
export function findChromium(): string | null {
  const named = process.env.CHROMIUM_PATH;
  if (named) return named;
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of NAMES) if (folder !== '' && existsSync(path.join(folder, name))) return path.join(folder, name);
  }
  process.stdout.write(
    'browser tests are left out: no Chromium was found; install it (Debian: apt-get install chromium) or set CHROMIUM_PATH\n',
  );
  return null;
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
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
