import { createGate } from '../../integrations/request-gate';

describe('the gate in front of a vendor’s API', () => {
  it('lets a burst of the limit through at once and spreads what follows', () => {
    const gate = createGate({ limit: 3, windowMs: 1_000, now: () => 0 });
    const waits = Array.from({ length: 7 }, () => gate.reserve(60_000).waitMs);
    expect(waits).toEqual([0, 0, 0, 1_000, 1_000, 1_000, 2_000]);
  });

  it('never has more than the limit in any window, whenever calls come', () => {
    let nowMs = 0;
    const gate = createGate({ limit: 5, windowMs: 1_000, now: () => nowMs });
    const starts: number[] = [];
    for (let n = 0; n < 200; n += 1) {
      nowMs += (n * 37) % 290;
      starts.push(nowMs + gate.reserve(60_000).waitMs);
    }
    for (const start of starts) {
      expect(starts.filter((other) => other >= start && other < start + 1_000).length).toBeLessThanOrEqual(5);
    }
  });

  it('reports a wait that is too long without taking a place', () => {
    const gate = createGate({ limit: 1, windowMs: 1_000, now: () => 0 });
    gate.reserve(0);
    expect(gate.reserve(500)).toEqual({ reserved: false, waitMs: 1_000 });
    expect(gate.reserve(1_000)).toEqual({ reserved: true, waitMs: 1_000 });
  });

  it('keeps a pause that the vendor asked for, and never shortens it', () => {
    const gate = createGate({ limit: 10, windowMs: 1_000, now: () => 0 });
    gate.pauseUntil(8_000);
    gate.pauseUntil(2_000);
    expect(gate.reserve(10_000)).toEqual({ reserved: true, waitMs: 8_000 });
  });
});
