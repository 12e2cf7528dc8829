/**
 * What every CRM's adapter does, said once: each method of the port, the traps of shared records, and who else writes there.
 */
import type { AppointmentStatus, PersonQuery } from '../../../integrations/ports';
import { aDayLater, appointment, call, failure, guest, note, opportunity, synced } from './crm-under-test';
import { useCrm, VARIANTS } from './crms';

const STATUSES: readonly AppointmentStatus[] = ['scheduled', 'rescheduled', 'canceled', 'showed', 'no_show'];
const query = (wanted: Partial<PersonQuery>): PersonQuery => ({ linkedId: null, emails: [], phones: [], ...wanted });

describe.each(VARIANTS)('%s', (_name, make, capabilities) => {
  const used = useCrm(make);
  const begin = async () => {
    const { account } = used;
    const crm = account.adapter();
    if (account.isSetUp) expect((await crm.ensureSetup(call)).missing).toEqual([]);
    return { account, crm };
  };

  describe('one booking’s life', () => {
    it('leaves one person, one opportunity and one appointment, and sets off no automation but the stage’s', async () => {
      const { account, crm } = await begin();
      await crm.probe(call);
      expect(await crm.resolvePerson(query({ emails: ['guest@example.com'] }), call)).toEqual({ kind: 'none' });
      const { personId, opportunityId, appointmentId } = await synced(account, crm);
      const owner = await crm.findOwner(account.owner.email, call);
      expect(owner).toEqual({ id: account.owner.id });
      const moved = aDayLater(appointment(personId, { opportunityId, ownerId: owner?.id ?? null }));
      await crm.updateAppointment(appointmentId, moved, call);
      await crm.moveOpportunity(opportunityId, { pipelineId: account.pipelineId, stageId: account.nextStageId }, call);

      expect(await crm.readAppointment(appointmentId, call)).toEqual({
        id: appointmentId,
        startMs: moved.slot.startMs,
        endMs: moved.slot.endMs,
        status: 'scheduled',
        archived: false,
        title: 'Roof inspection',
        ownerId: account.owner.id,
      });
      const { startMs } = appointment(personId).slot;
      const many = await crm.readAppointments(
        [appointmentId, '999999'].map((id) => ({ id, startMs })),
        call,
      );
      expect([...many]).toEqual([[appointmentId, await crm.readAppointment(appointmentId, call)]]);
      const asNew = { personIds: [personId], ownerId: account.owner.id, isOurs: true, startMs: moved.slot.startMs };
      expect(await crm.readNewAppointment(appointmentId, call)).toMatchObject(asNew);
      // What a person made keeps its words.
      const kept = { ...moved, title: 'Ours', body: 'Ours', location: 'Ours', keepsWords: true as const };
      await crm.updateAppointment(appointmentId, { ...kept, ownerId: null }, call);
      expect(await crm.readOpportunity(opportunityId, call)).toMatchObject({
        id: opportunityId,
        pipelineId: account.pipelineId,
        stageId: account.nextStageId,
        closed: false,
        archived: false,
      });
      expect(account.people()).toMatchObject([{ id: personId, ...guest, lastName: null }]);
      expect(account.appointments()).toMatchObject([
        {
          id: appointmentId,
          personIds: [personId],
          startMs: moved.slot.startMs,
          endMs: moved.slot.endMs,
          status: account.words.scheduled,
          title: 'Roof inspection',
          ownerId: account.owner.id,
          text: expect.stringContaining('Sample appointment') as string,
        },
      ]);
      const [held] = account.appointments();
      if (held?.opportunityIds !== null) expect(held?.opportunityIds).toEqual([opportunityId]);
      expect(account.opportunities()).toEqual([
        {
          id: opportunityId,
          personIds: [personId],
          pipelineId: account.pipelineId,
          stageId: account.nextStageId,
          name: 'Sample card',
        },
      ]);
      const { guest_notified: told = 0 } = account.effects();
      expect(told).toBe(0);
    });

    it('shows every status in the CRM’s own word, reads it back, and may correct it', async () => {
      const { account, crm } = await begin();
      const { personId, appointmentId } = await synced(account, crm);
      for (const status of [...STATUSES, 'showed', 'no_show', 'showed'] as const) {
        await crm.updateAppointment(appointmentId, appointment(personId, { status }), call);
        expect(account.appointments()[0]?.status).toBe(account.words[status]);
        expect(await crm.readAppointment(appointmentId, call)).toMatchObject({ status });
      }
    });

    it.each(STATUSES)('an appointment that is %s when it is first heard of is created so', async (status) => {
      const { account, crm } = await begin();
      const { id: personId } = await crm.createPerson(guest, call);
      const { id } = await crm.createAppointment(appointment(personId, { status }), call);
      expect(account.appointments()).toMatchObject([{ id, status: account.words[status] }]);
    });

    it('puts back what is named of an appointment, and leaves the rest', async () => {
      const { account, crm } = await begin();
      const { personId, appointmentId } = await synced(account, crm);
      const [before] = account.appointments();
      const { slot } = aDayLater(appointment(personId));
      await crm.changeAppointment(appointmentId, { slot, title: 'As before', ownerId: account.owner.id }, call);
      const after = { title: 'As before', ownerId: account.owner.id, startMs: slot.startMs, endMs: slot.endMs };
      expect(account.appointments()).toEqual([{ ...before, ...after }]);
      await crm.changeAppointment(appointmentId, { status: 'showed' }, call);
      await crm.changeAppointment(appointmentId, {}, call);
      expect(account.appointments()).toEqual([{ ...before, ...after, status: account.words.showed }]);
    });

    it('lists what was made lately and is still to come, whoever made it', async () => {
      const { account, crm } = await begin();
      const { personId, appointmentId } = await synced(account, crm);
      const { startMs } = appointment(personId).slot;
      const listed = async (madeSinceMs: number, beginsAfterMs: number): Promise<string[]> => {
        const ids: string[] = [];
        for (let cursor: string | null = null; ;) {
          const page = { madeSinceMs, beginsAfterMs, calendarIds: [], cursor };
          const found = await crm.listNewAppointments(page, call);
          ids.push(...found.ids);
          cursor = found.next;
          if (cursor === null) return ids;
        }
      };
      const nowMs = used.clock.now();
      expect(await listed(nowMs - 1, startMs - 1)).toEqual([appointmentId]);
      expect(await listed(nowMs + 60_000, startMs - 1)).toEqual([]);
      expect(await listed(nowMs - 1, startMs + 60_000)).toEqual([]);
      account.rep.deleteAppointment(appointmentId);
      expect(await listed(nowMs - 1, startMs - 1)).toEqual([]);
    });

    it('cancels a surplus appointment with the reason in its text, once', async () => {
      const { account, crm } = await begin();
      const { personId, appointmentId } = await synced(account, crm);
      const [before] = account.appointments();
      await crm.cancelAppointment(appointmentId, 'Continued elsewhere.', call);
      await crm.cancelAppointment(appointmentId, 'Continued elsewhere.', call);
      const [after] = account.appointments();
      expect(after).toMatchObject({ ...before, status: account.words.canceled, text: after?.text ?? '' });
      expect(after?.text.split('Continued elsewhere.')).toHaveLength(2);
      expect(await crm.findAppointment(appointment(personId).externalKey, personId, call)).toEqual({
        id: appointmentId,
      });
    });
  });

  describe('people', () => {
    it('are matched by link, then e-mail, then phone, and the first rung with a hit decides', async () => {
      const { account, crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      const found = (matchedOn: string) => ({
        kind: 'one',
        matchedOn,
        person: { id, current: { ...guest, company: null } },
      });
      const strange = { emails: ['nobody@example.com'], phones: ['+12025550199'] };
      expect(await crm.resolvePerson(query({ ...strange, linkedId: id }), call)).toEqual(found('link'));
      expect(await crm.resolvePerson(query({ ...strange, emails: ['GUEST@example.com '] }), call)).toEqual(
        found('email'),
      );
      expect(await crm.resolvePerson(query({ ...strange, phones: ['+12025550143'] }), call)).toEqual(found('phone'));
      expect(await crm.resolvePerson(query(strange), call)).toEqual({ kind: 'none' });
      expect(await crm.resolvePerson(query({ linkedId: '../contacts' }), call)).toEqual({ kind: 'none' });
      expect(account.people()).toHaveLength(1);
    });

    it('are shown together when two addresses of one guest belong to two of them', async () => {
      const { crm } = await begin();
      const { id: one } = await crm.createPerson({ ...guest, phone: null }, call);
      const { id: other } = await crm.createPerson({ ...guest, email: 'other@example.com', phone: null }, call);
      const emails = ['guest@example.com', 'other@example.com'];
      const match = await crm.resolvePerson(query({ emails }), call);
      expect(match).toMatchObject({ kind: 'many', matchedOn: 'email', people: [{ id: one }, { id: other }] });
    });

    it('are put back to what they were, emptied where nothing was there', async () => {
      const { account, crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      await crm.resetPerson(id, { phone: null, firstName: 'Before' }, call);
      expect(account.people()).toMatchObject([{ ...guest, phone: null, firstName: 'Before' }]);
      await crm.resetPerson(id, {}, call);
    });

    it('show their own fields and tags; who is gone shows none', async () => {
      const { account, crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      const { textField } = account;
      expect(await crm.readPersonWords(id, [textField], call)).toEqual({ values: { [textField]: null }, tags: [] });
      await crm.writePersonFields(id, { [textField]: '12' }, call);
      const tags = capabilities.tags ? ['booked'] : [];
      if (capabilities.tags) await crm.changeTags(id, { add: ['Booked'], remove: [] }, call);
      expect(await crm.readPersonWords(id, [textField], call)).toEqual({ values: { [textField]: '12' }, tags });
      account.rep.deletePerson(id);
      expect(await crm.readPersonWords(id, [textField], call)).toBeNull();
    });

    it('are found by name for a person to choose from, whatever the capitals', async () => {
      const { crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      await crm.createPerson({ ...guest, email: 'other@example.com', phone: null, lastName: 'Other' }, call);
      expect(await crm.findPeopleByName({ first: 'ADA', last: 'sample' }, call)).toEqual([
        { id, current: { ...guest, company: null } },
      ]);
      expect(await crm.findPeopleByName({ first: 'Ada', last: 'Nobody' }, call)).toEqual([]);
    });

    it('are listed by when they were added, with the address that tells whose they are', async () => {
      const { crm } = await begin();
      const sinceMs = used.clock.now() - 60_000;
      const { id } = await crm.createPerson(guest, call);
      const { id: other } = await crm.createPerson({ ...guest, email: 'other@example.com', phone: null }, call);
      const { people, next } = await crm.listPeopleSince({ sinceMs, cursor: null }, call);
      expect(next).toBeNull();
      expect(new Map(people.map((person) => [person.id, person.email]))).toEqual(
        new Map([
          [id, guest.email],
          [other, 'other@example.com'],
        ]),
      );
      for (const { createdAtMs } of people) expect(Math.abs(createdAtMs - used.clock.now())).toBeLessThan(60_000);
      const later = { sinceMs: used.clock.now() + 60_000, cursor: null };
      expect(await crm.listPeopleSince(later, call)).toEqual({ people: [], next: null });
    });

    it('come with the company that the CRM holds, on every rung', async () => {
      const { account, crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      account.rep.setCompany(id, 'Sample Roofing');
      const current = { ...guest, company: 'Sample Roofing' };
      for (const rung of [{ linkedId: id }, { emails: [guest.email] }, { phones: [guest.phone] }]) {
        expect(await crm.resolvePerson(query(rung), call)).toMatchObject({ kind: 'one', person: { id, current } });
      }
      expect(await crm.findPeopleByName({ first: 'Ada', last: 'Sample' }, call)).toEqual([{ id, current }]);
    });

    it('whom somebody else created meanwhile are adopted, also while searches lag', async () => {
      const { account, crm } = await begin();
      account.lag(60_000);
      const { id } = await account.adapter().createPerson(guest, call);
      expect(await crm.createPerson(guest, call)).toEqual({ id, created: false, dropped: [] });
      expect(account.people()).toHaveLength(1);
    });

    it('whose e-mail is new and whose phone is known get the e-mail', async () => {
      const { account, crm } = await begin();
      const { id } = await crm.createPerson({ ...guest, email: null }, call);
      const match = await crm.resolvePerson(query({ emails: ['guest@example.com'], phones: ['+12025550143'] }), call);
      expect(match).toMatchObject({ kind: 'one', matchedOn: 'phone', person: { id } });
      expect(await crm.writePerson(id, { email: 'guest@example.com' }, call)).toEqual({ dropped: [] });
      expect(account.people()).toMatchObject([{ id, ...guest }]);
    });

    it('keep an e-mail that is theirs: for somebody else it is dropped, and the rest is written', async () => {
      const { account, crm } = await begin();
      await crm.createPerson({ ...guest, phone: null }, call);
      const { id } = await crm.createPerson({ ...guest, email: 'other@example.com', phone: null }, call);
      const changes = { email: 'guest@example.com', lastName: 'Renamed' };
      expect(await crm.writePerson(id, changes, call)).toEqual({ dropped: ['email'] });
      expect(account.people().find((one) => one.id === id)).toMatchObject({
        email: 'other@example.com',
        lastName: 'Renamed',
      });
    });

    it('get custom fields, and nothing else of them changes', async () => {
      const { account, crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      await crm.writePersonFields(id, { [account.textField]: '12' }, call);
      expect(account.people()).toMatchObject([{ id, ...guest, field: '12' }]);
      await crm.writePersonFields(id, { [account.textField]: null }, call);
      expect(account.people()[0]?.field ?? '').toBe('');
    });

    it('get a source and an owner once they are new, and nothing else of them changes', async () => {
      const { account, crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      expect(crm.capabilities.nativeLeadSource).toBe(account.sourceField === null);
      const nothing = { source: null, sourceField: account.sourceField, ownerId: null };
      const before = account.requests().length;
      await crm.captureLead(id, nothing, call);
      expect(account.requests()).toHaveLength(before);
      await crm.captureLead(id, { ...nothing, source: 'Booking page' }, call);
      await crm.captureLead(id, { ...nothing, ownerId: account.owner.id }, call);
      expect(account.people()).toMatchObject([{ id, ...guest, source: 'Booking page', ownerId: account.owner.id }]);
    });

    it('of whom nothing is known are refused before anything is sent', async () => {
      const { account, crm } = await begin();
      const before = account.requests().length;
      const empty = { email: null, phone: null, firstName: null, lastName: null };
      expect((await failure(crm.createPerson(empty, call))).errorClass).toBe('invalid_data');
      expect(account.requests()).toHaveLength(before);
    });

    it('are nobody once they were deleted, and who they became once they were merged', async () => {
      const { account, crm } = await begin();
      const { id: gone } = await crm.createPerson(guest, call);
      const { id: stays } = await crm.createPerson({ ...guest, email: 'kept@example.com', phone: null }, call);
      const left = account.rep.mergePeople(gone, stays);
      const match = await crm.resolvePerson(query({ linkedId: gone, emails: ['kept@example.com'] }), call);
      expect(match).toMatchObject({ kind: 'one', person: { id: left } });
      if (!account.followsMerges) {
        expect((await failure(crm.writePerson(gone, { lastName: 'X' }, call))).errorClass).toBe('target_gone');
      }
      account.rep.deletePerson(left);
      expect(await crm.resolvePerson(query({ linkedId: left, emails: ['kept@example.com'] }), call)).toEqual({
        kind: 'none',
      });
    });
  });

  it('an opportunity that was closed is found by the key that it was made for, before any that is open', async () => {
    const { account, crm } = await begin();
    const { personId, opportunityId } = await synced(account, crm);
    account.rep.closeOpportunity(opportunityId);
    const { externalKey } = opportunity(account, personId);
    const found = await crm.findOpportunity(personId, account.pipelineId, call, externalKey);
    expect(found).toMatchObject({ id: opportunityId, closed: true });
    if (crm.capabilities.oneOpportunityPerPipeline) return;
    expect(await crm.findOpportunity(personId, account.pipelineId, call)).toBeNull();
    expect(await crm.findOpportunity(personId, account.pipelineId, call, `${externalKey}-other`)).toBeNull();
    const other = await crm.createOpportunity({ ...opportunity(account, personId), externalKey: 'o:other' }, call);
    expect(await crm.findOpportunity(personId, account.pipelineId, call)).toMatchObject({ id: other.id });
    expect(await crm.findOpportunity(personId, account.pipelineId, call, externalKey)).toMatchObject({
      id: opportunityId,
    });
  });

  describe('records that people work with', () => {
    it('are gone when a rep deleted them: reads say null, writes say so', async () => {
      const { account, crm } = await begin();
      const { personId, opportunityId, appointmentId } = await synced(account, crm);
      account.rep.deleteAppointment(appointmentId);
      account.rep.deleteOpportunity(opportunityId);
      expect(await crm.readAppointment(appointmentId, call)).toBeNull();
      expect(await crm.readOpportunity(opportunityId, call)).toBeNull();
      expect(await crm.findAppointment(appointment(personId).externalKey, personId, call)).toBeNull();
      expect(await crm.findOpportunity(personId, account.pipelineId, call)).toBeNull();
      const to = { pipelineId: account.pipelineId, stageId: account.nextStageId };
      const writes = [
        () => crm.updateAppointment(appointmentId, appointment(personId), call),
        () => crm.cancelAppointment(appointmentId, 'Continued elsewhere.', call),
        () => crm.moveOpportunity(opportunityId, to, call),
      ];
      for (const write of writes) expect((await failure(write())).errorClass).toBe('target_gone');
      account.rep.deletePerson(personId);
      const creates = [
        () => crm.createAppointment(appointment(personId, { externalKey: 'a:2' }), call),
        () => crm.createOpportunity(opportunity(account, personId), call),
      ];
      for (const create of creates) expect((await failure(create())).errorClass).toBe('target_gone');
    });

    it('are read as a rep left them', async () => {
      const { account, crm } = await begin();
      const { opportunityId, appointmentId } = await synced(account, crm);
      account.rep.mark(appointmentId, 'no_show');
      account.rep.moveStage(opportunityId, account.nextStageId);
      expect(await crm.readAppointment(appointmentId, call)).toMatchObject({ status: 'no_show' });
      expect(await crm.readOpportunity(opportunityId, call)).toMatchObject({ stageId: account.nextStageId });
    });

    it('of one person are told apart by their keys', async () => {
      const { account, crm } = await begin();
      const { id: personId } = await crm.createPerson(guest, call);
      const keys = ['a:calcom-sales:uid-1', 'a:calcom-sales:uid-10', 'a:calcom-sales:uid-1:2'];
      const made = await Promise.all(
        keys.map((externalKey) => crm.createAppointment(appointment(personId, { externalKey }), call)),
      );
      for (const [n, key] of keys.entries()) expect(await crm.findAppointment(key, personId, call)).toEqual(made[n]);
      expect(await crm.findAppointment('a:calcom-sales:uid', personId, call)).toBeNull();
      expect(account.appointments()).toHaveLength(3);
    });
  });

  describe('what it says it can do', () => {
    it('is what its adapter says', () => {
      expect(used.account.adapter().capabilities).toEqual(capabilities);
    });

    it('names the pipelines with their stages in order, and sets up what it needs once', async () => {
      const { account, crm } = await begin();
      const { pipelines } = await crm.describe(call);
      const stages = pipelines.find(({ id }) => id === account.pipelineId)?.stages.map(({ id }) => id) ?? [];
      expect(stages).toEqual(expect.arrayContaining([account.firstStageId, account.nextStageId]));
      expect(stages.indexOf(account.firstStageId)).toBeLessThan(stages.indexOf(account.nextStageId));
      expect(await crm.ensureSetup(call)).toEqual(await account.adapter().ensureSetup(call));
    });

    it(`${capabilities.tags ? 'changes tags and leaves the others' : 'refuses tags in clear words'}`, async () => {
      const { account, crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      const change = { add: ['booked', 'vip'], remove: [] };
      if (!capabilities.tags) {
        expect((await failure(crm.changeTags(id, change, call))).message).toContain('has no tags');
        return;
      }
      for (const tags of [change, { add: ['no-show'], remove: ['booked'] }, { add: ['no-show'], remove: ['booked'] }])
        await crm.changeTags(id, tags, call);
      expect(account.people()[0]?.tags).toEqual(['vip', 'no-show']);
    });

    it('puts a note on a person, says what it is about, and finds it again among others by its whole key', async () => {
      expect(capabilities.notes).toBe(true);
      const { account, crm } = await begin();
      const { id } = await crm.createPerson(guest, call);
      const { externalKey, text } = note(id);
      expect(await crm.findNote(externalKey, id, call)).toBeNull();
      const { id: first } = await crm.addNote(note(id), call);
      await crm.addNote(
        { ...note(id), externalKey: `${externalKey}-2`, text: `Booking reference: ${externalKey}` },
        call,
      );
      expect(await crm.findNote(externalKey, id, call)).toEqual({ id: first });
      expect(await crm.findNote('n:calcom-sales:uid-1', id, call)).toBeNull();
      expect(account.notes()).toMatchObject([{ personIds: [id] }, { personIds: [id] }]);
      expect(account.notes().find((held) => held.id === first)?.text).toContain(text);
      // Added to once, and still found by its key.
      const amended = { id: first, personId: id, sentence: 'No longer holds.' };
      expect(await crm.amendNote(amended, call)).toBe(true);
      expect(await crm.amendNote(amended, call)).toBe(true);
      const held = account.notes().find((one) => one.id === first)?.text ?? '';
      expect(held).toContain(text);
      expect(held.split('No longer holds.')).toHaveLength(2);
      expect(await crm.findNote(externalKey, id, call)).toEqual({ id: first });
      expect(await crm.amendNote({ ...amended, id: '999999' }, call)).toBe(false);
    });

    it(`${capabilities.oneOpportunityPerPipeline ? 'adopts the only opportunity, also a closed one' : 'makes a new opportunity beside a closed one'}`, async () => {
      const { account, crm } = await begin();
      const { personId, opportunityId } = await synced(account, crm);
      expect(await crm.findOpportunity(personId, account.pipelineId, call)).toMatchObject({ id: opportunityId });
      account.rep.closeOpportunity(opportunityId);
      // What closed it is kept as it is, whoever asks.
      const closed = account.opportunities();
      const second = { ...opportunity(account, personId), externalKey: 'o:calcom-sales:uid-2' };
      const made = await crm.createOpportunity(second, call);
      if (capabilities.oneOpportunityPerPipeline) {
        expect(made).toEqual({ id: opportunityId, created: false });
        expect(await crm.readOpportunity(opportunityId, call)).toMatchObject({ closed: true });
        expect(account.opportunities()).toEqual(closed);
      } else {
        expect(made.created).toBe(true);
        expect(await crm.findOpportunity(personId, account.pipelineId, call)).toMatchObject({ id: made.id });
        expect(account.opportunities()).toHaveLength(2);
      }
    });

    it('finds what it just wrote by strong reads while searches lag, and people by phone after its lag at the latest', async () => {
      const { account, crm } = await begin();
      account.lag(capabilities.searchLagMs);
      const { personId, appointmentId } = await synced(account, crm);
      expect(await crm.findAppointment(appointment(personId).externalKey, personId, call)).toEqual({
        id: appointmentId,
      });
      expect(await crm.resolvePerson(query({ emails: ['guest@example.com'] }), call)).toMatchObject({ kind: 'one' });
      used.clock.advance(capabilities.searchLagMs);
      expect(await crm.resolvePerson(query({ phones: ['+12025550143'] }), call)).toMatchObject({ kind: 'one' });
      expect(await crm.findOpportunity(personId, account.pipelineId, call)).not.toBeNull();
    });
  });
});
