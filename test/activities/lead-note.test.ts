/** What the team reads about a lead: nothing personal, unless the settings allow the name. */
import { composeNote } from '../../activities/lead-note';

const from = {
  ...({ bookingId: 'calcom-sales/a b', status: 'scheduled', score: 60, guestName: 'Ann Example' } as const),
  policy: { atLeast: 50, name: false, link: 'https://desk.example.com/bookings/{booking}' },
};

test('link, status and score', () => {
  expect(composeNote(from)).toEqual({
    text: 'New lead, 60 points, booking scheduled.',
    link: { url: 'https://desk.example.com/bookings/calcom-sales%2Fa%20b', words: 'Open the booking' },
  });
});

test('the name where it is allowed, and no link where none is set', () => {
  const policy = { atLeast: 50, name: true, link: null };
  expect(composeNote({ ...from, policy })).toEqual({
    text: 'New lead: Ann Example, 60 points, booking scheduled.',
    link: null,
  });
  expect(composeNote({ ...from, policy, guestName: null }).text).toBe('New lead, 60 points, booking scheduled.');
});
