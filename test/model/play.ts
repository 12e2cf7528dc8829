/**
 * One step of a case: what its command does at Cal.com, if it can be done there now, and what the notebook says of it.
 */
import { attendancePlays } from './play-attendance';
import { bookingPlays } from './play-bookings';
import { seatPlays } from './play-seats';
import type { Command, Step } from './script';
import { MINUTE, type Play, type World } from './world';

const PLAYS: Readonly<Record<Command, Play>> = {
  ...bookingPlays,
  ...seatPlays,
  ...attendancePlays,
  poll: (world) => (world.pollAsked = true),
};

/** Plays the step a minute after the last one. False: there was nothing to which it could be done. */
export function play(world: World, step: Step): boolean {
  world.nowMs += MINUTE;
  world.tick += 1;
  world.sent = [];
  world.decided = null;
  world.pollAsked = false;
  return PLAYS[step.command](world, step);
}
