/** `report` of booksync.yaml: its zone is the account's unless it has one of its own. */
import { ConfigError, parseConfig } from '../../config/config';

const withReport = (report: string, account = 'zone: Europe/Paris'): string => `
account: { ${account} }
connections:
  cal: { kind: calcom, webhookSecrets: [s1] }
messages: { from: desk@example.com, smtp: "smtp://127.0.0.1:2525" }
tasks: { owner: desk }
${report}
`;
const reportIn = (...text: Parameters<typeof withReport>) => parseConfig(withReport(...text), {}, 'file.yaml').report;

test('without a section, days are the account’s, and only unpaid bookings are left out', () => {
  const exclude = { internalDomains: [], testDomains: [], unpaid: true };
  const mail = { subscribers: [], sendAt: { hour: 8, minute: 0 } };
  expect(reportIn('')).toEqual({ zone: 'Europe/Paris', exclude, ...mail });
  expect(reportIn('report: { zone: Asia/Kolkata }')).toEqual({ zone: 'Asia/Kolkata', exclude, ...mail });
});

test('domains are compared in lower case', () => {
  const text = 'report: { exclude: { internalDomains: [Staff.Example.com], unpaid: false } }';
  expect(reportIn(text).exclude).toEqual({ internalDomains: ['staff.example.com'], testDomains: [], unpaid: false });
});

test('who subscribed gets it at the time of day that is set', () => {
  const text = 'report: { subscribers: [owner@example.com], sendAt: "07:45" }';
  expect(reportIn(text)).toMatchObject({ subscribers: ['owner@example.com'], sendAt: { hour: 7, minute: 45 } });
  const wrong = withReport('report: { subscribers: [owner], sendAt: "24:00" }');
  expect(() => parseConfig(wrong, {}, 'file.yaml')).toThrow(/expected one address[^]*expected a time of day/);
});

test('what is no domain, or no zone, is refused with what was expected', () => {
  const text = withReport('report: { zone: Mars/Base, exclude: { testDomains: ["someone@example.com"] } }');
  expect(() => parseConfig(text, {}, 'file.yaml')).toThrow(ConfigError);
  expect(() => parseConfig(text, {}, 'file.yaml')).toThrow(/report\.zone: .*IANA zone[^]*expected a domain/);
});
