/**
 * The console in a real browser over the real stack: what an operator does in the morning, by clicking and by the keyboard alone.
 * Where no Chromium is installed, that is said and the rest of the suite goes on.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { createPool } from '../../db/pool';
import { signInLinkOf } from '../../local/sign-in-link';
import { complaintsOf, chromiumOrWords, describeNothing, faultsOn, openBrowser } from '../support/browser';
import { calcomStack, type CalcomStack } from '../support/calcom-stack';
import { eventually } from '../support/eventually';
import { plantTasks } from '../support/task-samples';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WITHIN_MS = 240_000;
const PAGES = ['', '/bookings', '/tasks', '/report', '/deliveries', '/connections', '/rules', '/mapping'];
/** What is behind a link of those. */
const DEEPER = [
  ...['/tasks?state=open&kind=conflict', '/tasks?state=decided', '/deliveries?state=dead', '/undo'],
  ...['/mapping/hubspot-main/preview', '/sign-in'],
];
const GUEST = { name: 'Nora Namesake', email: 'nora.home@example.com', zone: 'America/Denver' };

const chromium = chromiumOrWords();

(chromium === null ? describeNothing : describe)('the console', () => {
  let world: CalcomStack;
  let context: BrowserContext;
  let page: Page;
  let complaints: readonly string[];
  let uid: string;
  let rightContact: string;
  let startMs: number;
  let calledOffDays: string;

  beforeAll(async () => {
    world = await calcomStack({ createPerson: 'task', tellsOwners: true });
    await instantSearch(world);
    const contacts = ['nora.one', 'nora.two', 'nora.three'].map((name) => contact(world, `${name}@example.com`));
    rightContact = (await Promise.all(contacts))[1]!;
    startMs = Math.ceil(Date.now() / MINUTE) * MINUTE + 5 * DAY;
    ({ uid } = await world.act('book', { guest: GUEST, startMs }));
    await world.until(uid, 'the open task', ({ tasks }) => tasks.some(({ state }) => state === 'open'));
    const browser = await openBrowser(chromium!);
    context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    page = await context.newPage();
    complaints = complaintsOf(page);
    await page.goto(await signInLinkOf(world.stack));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${world.stack.apiUrl}/console`);
  }, 180_000);

  test(
    'the right contact among three is chosen, and the booking goes in sync while the operator watches',
    async () => {
      const watching = await context.newPage();
      await watching.goto(`${world.stack.apiUrl}/console/bookings/calcom-sales/${uid}`);
      await watching.getByText('Needs a contact').waitFor();
      const reloads: string[] = [];
      watching.on('framenavigated', (frame) => reloads.push(frame.url()));

      await page.getByRole('link', { name: 'Choose the contact' }).click();
      const card = page.locator('.panel', { hasText: rightContact });
      await card.getByRole('button', { name: 'Use this contact' }).click();

      await watching.getByText('In sync').waitFor({ timeout: 30_000 });
      expect(reloads).toEqual([]);
      const shown = await world.booking(uid);
      expect(shown?.crm).toMatchObject([{ state: 'synced', personId: rightContact }]);
      await watching.close();
    },
    WITHIN_MS,
  );

  test(
    'everything that is asked of an operator can be done with the keyboard alone',
    async () => {
      await page.goto(`${world.stack.apiUrl}/console`);
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
      await tabTo(page, 'Bookings', { back: true });
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/console\/bookings/);
      await tabTo(page, GUEST.name);
      await page.keyboard.press('Enter');
      await page.waitForURL(new RegExp(uid));
      await tabTo(page, 'Canceled');
      await page.keyboard.press('Enter');
      await eventually(async () => (await world.booking(uid))?.status === 'canceled', { what: 'the canceled booking' });
    },
    WITHIN_MS,
  );

  test(
    'the report is read for two windows: one without anything, and the one with the booking that was called off',
    async () => {
      await page.goto(`${world.stack.apiUrl}/console/report`);
      await page.getByRole('button', { name: 'Last week' }).click();
      await page.getByText('No appointment and no lead is known in these days').waitFor();

      const aroundSlot = (days: number): string => new Date(startMs + days * DAY).toISOString().slice(0, 10);
      await page.getByLabel('From', { exact: true }).fill(aroundSlot(-1));
      await page.getByLabel('To', { exact: true }).fill(aroundSlot(1));
      await page.getByRole('button', { name: 'Show these days' }).click();
      await page.getByText('1 of 1: bookings called off a day or more ahead').waitFor();
      await page.getByRole('img', { name: /^Rates by week/ }).scrollIntoViewIfNeeded();
      // Not waitForFunction: from its second look on, the page's policy refuses what it evaluates.
      const isDrawn = '[...document.images].some((image) => image.naturalWidth > 0)';
      await eventually(() => page.evaluate<boolean>(isDrawn), { what: 'a drawn plot' });
      calledOffDays = new URL(page.url()).search;
    },
    WITHIN_MS,
  );

  test(
    "a slot of which nobody said how it went is settled from the host's link, which serves once",
    async () => {
      const guest = { ...GUEST, name: 'Paul Past', email: 'paul.past@example.com' };
      const past = await world.act('book', { guest, startMs: Math.floor(Date.now() / MINUTE) * MINUTE - 3 * HOUR });
      const path = await eventually(() => hostLink(world, 'The guest did not come'), {
        what: 'the e-mail to the host',
      });
      const visitor = await (await openBrowser(chromium!)).newPage();
      await visitor.goto(`${world.stack.apiUrl}${path}`);
      expect((await world.booking(past.uid))?.status).toBe('awaiting_outcome');
      await visitor.getByRole('button', { name: 'No, the guest did not come' }).click();
      await visitor.getByText('It is noted: No-show.').waitFor();
      await world.until(past.uid, 'the no-show', ({ status }) => status === 'no_show');
      await visitor.goto(`${world.stack.apiUrl}${path}`);
      await visitor.getByText('This was answered already: No-show.').waitFor();
      await visitor.close();
    },
    WITHIN_MS,
  );

  test(
    'a dead letter is replayed after its cause was mended, and its booking is there',
    async () => {
      const pool = createPool(world.stack.databaseUrl, { max: 1, applicationName: 'console-test' });
      await pool.query(
        `ALTER TABLE booking ADD CONSTRAINT planted CHECK (opened_at < now() - interval '1 s') NOT VALID`,
      );
      const later = Math.ceil(Date.now() / MINUTE) * MINUTE + 6 * DAY;
      const lost = await world.act('book', { guest: { ...GUEST, email: 'dora.dead@example.com' }, startMs: later });
      await eventually(
        async () => {
          // What is put aside eight times is dead; the pauses between are not waited for.
          await pool.query(`UPDATE delivery SET attempts = 7, next_attempt_at = '-infinity' WHERE state = 'stored'`);
          const { rowCount } = await pool.query(`SELECT 1 FROM delivery WHERE state = 'dead'`);
          expect(rowCount).toBe(1);
        },
        { what: 'the dead letter' },
      );
      await pool.query('ALTER TABLE booking DROP CONSTRAINT planted');
      await pool.end();

      await page.goto(`${world.stack.apiUrl}/console/deliveries?state=dead`);
      await page.getByRole('checkbox').check();
      await page.getByRole('button', { name: /Replay/ }).click();
      await page.getByText('Handed to the dispatcher again.').waitFor();
      await world.until(lost.uid, 'the replayed booking', ({ status }) => status === 'scheduled');
    },
    WITHIN_MS,
  );

  test(
    'no page has a serious fault for people with disabilities, runs over the edge of a phone, or complains',
    async () => {
      const { id } = (await world.booking(uid))!;
      const own = [
        ...[...PAGES, ...DEEPER, `/bookings/${id}`, `/undo?booking=${id}`, `/report${calledOffDays}`],
        ...(await planted(world, id)).map((task) => `/tasks/${task}`),
      ].map((path) => `/console${path}`);
      const signed = [await linkIn(world, /^Open it: (\S+)$/m), await hostLink(world, 'The guest did not come')];
      expect(await faultsOf([...own, ...signed])).toEqual([]);
      expect(complaints).toEqual([]);
      // A browser complains about every refusal, so they come last.
      expect(await faultsOf(['/console/none', '/oauth/callback'])).toEqual([]);
    },
    2 * WITHIN_MS,
  );

  async function faultsOf(paths: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const path of paths) {
      await page.goto(`${world.stack.apiUrl}${path}`);
      found.push(...(await faultsOn(page)));
    }
    return found;
  }
});

/** The path behind the words of an answer, in the newest e-mail that asks a host. */
const hostLink = (world: CalcomStack, words: string): Promise<string> =>
  linkIn(world, new RegExp(`^${words}: (\\S+)$`, 'm'));

/** The path in the newest e-mail that has such a line. */
async function linkIn({ stack }: CalcomStack, line: RegExp): Promise<string> {
  const response = await fetch(`${stack.simulatorsUrl}/mail/_admin/messages`);
  const { messages } = (await response.json()) as { messages: readonly { text: string }[] };
  const url = messages.flatMap(({ text }) => line.exec(text)?.[1] ?? []).at(-1);
  if (url === undefined) throw new Error(`None of ${messages.length} e-mails has a line like ${String(line)}`);
  return new URL(url).pathname;
}

/** A task of every kind; returns their ids. */
async function planted({ stack }: CalcomStack, bookingId: string): Promise<string[]> {
  const pool = createPool(stack.databaseUrl, { max: 1, applicationName: 'console-test' });
  const ids = await plantTasks(pool, { bookingId, nowMs: Date.now() });
  await pool.end();
  return ids;
}

/** Contacts are found by name as soon as they are made. */
async function instantSearch({ stack }: CalcomStack): Promise<void> {
  const body = JSON.stringify({ searchLagMs: 0 });
  await fetch(`${stack.simulatorsUrl}/hubspot/_admin/settings`, { method: 'POST', body });
}

/** A contact with the guest's name and another address. Returns its id. */
async function contact({ stack }: CalcomStack, email: string): Promise<string> {
  const [firstname, lastname] = GUEST.name.split(' ');
  const response = await fetch(`${stack.simulatorsUrl}/hubspot/crm/objects/2026-09/contacts`, {
    method: 'POST',
    headers: { authorization: 'Bearer pat-demo', 'content-type': 'application/json' },
    body: JSON.stringify({ properties: { firstname, lastname, email } }),
  });
  if (!response.ok) throw new Error(`The contact was refused: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

const focused = (page: Page): Promise<string> =>
  page.evaluate<string>('(document.activeElement.textContent ?? "").trim()');

/** Presses Tab until the control with these words has the focus. */
async function tabTo(page: Page, words: string, { back = false } = {}): Promise<void> {
  const passed: string[] = [];
  for (let press = 0; press < 80; press += 1) {
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    passed.push(await focused(page));
    if (passed.at(-1) === words) return;
  }
  throw new Error(`The keyboard never came to "${words}"; it passed ${passed.join(', ')}`);
}
