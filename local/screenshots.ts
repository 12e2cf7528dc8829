/**
 * `npm run screenshots`: plays the samples on a stack of its own and pictures every page of the console, wide and narrow, into docs/pages/.
 * Invariant: what is pictured is what `npm start` shows; a page that is wider than its window ends the run.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from './browser';
import { projectRoot } from './programs';
import { readSettings } from './settings';
import { showSamples } from './show-samples';
import { signInLinkOf } from './sign-in-link';
import { startStack, type Stack } from './stack';
import { subscribeCalcom } from './subscribe';

const WIDTHS = [1400, 390] as const;
const PAGES: Readonly<Record<string, string>> = {
  today: '',
  bookings: '/bookings',
  tasks: '/tasks',
  deliveries: '/deliveries',
  connections: '/connections',
  rules: '/rules',
  mapping: '/mapping',
  'mapping-preview': '/mapping/hubspot-main/preview',
};
/** Images below the window are loaded when somebody comes near them. */
const IMAGES_DRAWN = `Promise.all([...document.images].map((image) => {
  image.loading = 'eager';
  return image.decode().catch(() => undefined);
}))`;

/** The report of the days around the samples. */
function reportPath(nowMs: number): string {
  const day = (days: number): string => new Date(nowMs + days * 86_400_000).toISOString().slice(0, 10);
  return `/report?window=custom&from=${day(-7)}&to=${day(14)}`;
}
const say = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === null)
    throw new Error('No Chromium was found: install it, or set CHROMIUM_PATH to its program.');
  const dataDir = mkdtempSync(path.join(tmpdir(), 'booksync-screenshots-'));
  const settings = await readSettings({ ...process.env, BOOKSYNC_DATA_DIR: dataDir });
  const stack = await startStack({ dataDir, fast: true, say });
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  try {
    await subscribeCalcom({
      ...stack,
      webhookUrl: `${stack.apiUrl}/webhooks/calcom-sales`,
      secret: settings.webhookSecret,
    });
    await showSamples({ ...settings, stack, dataDir, say });
    const page = await browser.newPage();
    await signIn(page, stack);
    await picture(page, `${stack.apiUrl}/console`);
  } finally {
    await browser.close();
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function signIn(page: Page, stack: Stack): Promise<void> {
  await page.goto(await signInLinkOf(stack));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${stack.apiUrl}/console`);
}

async function picture(page: Page, consoleUrl: string): Promise<void> {
  const folder = path.join(projectRoot, 'docs/pages');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const synced = await firstLink(page, `${consoleUrl}/bookings?crm=synced`, '/console/bookings/');
  const pages = {
    ...PAGES,
    report: reportPath(Date.now()),
    booking: await firstLink(page, `${consoleUrl}/bookings`, '/console/bookings/'),
    task: await firstLink(page, `${consoleUrl}/tasks`, '/console/tasks/'),
    undo: await firstLink(page, `${consoleUrl}${synced}`, '/console/undo'),
  };
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const [name, at] of Object.entries(pages)) {
      await page.goto(consoleUrl + at);
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (overflow > 0) throw new Error(`The page ${name} is ${overflow} pixels wider than a window of ${width}.`);
      await page.evaluate(IMAGES_DRAWN);
      await page.screenshot({ path: path.join(folder, `${name}-${width}.png`), fullPage: true });
      say(`  ${name} at ${width}`);
    }
  }
}

/** Where the first link below `prefix` leads, from the console's root on. */
async function firstLink(page: Page, url: string, prefix: string): Promise<string> {
  await page.goto(url);
  const link = page.locator(`main a[href^="${prefix}"]`).first();
  return ((await link.getAttribute('href')) ?? '').replace('/console', '');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
