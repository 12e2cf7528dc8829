import { carriesReference, descriptionOf, withSentence } from '../../../integrations/gohighlevel/reference';
import { referenceLine } from '../../../integrations/reference';

const KEY = 'a:calcom-sales:uid-1';

describe('the line that carries our key', () => {
  it('comes last, after the blocks that are not empty', () => {
    expect(descriptionOf(['Text', null, ' ', 'More'], KEY)).toBe(`Text\n\nMore\n\nBooking reference: ${KEY}`);
    expect(descriptionOf([], KEY)).toBe(`Booking reference: ${KEY}`);
  });

  it('is not cut off, however long the text', () => {
    const text = descriptionOf(['x'.repeat(100_000)], KEY);
    expect(text.length).toBeLessThan(11_000);
    expect(carriesReference(text, KEY)).toBe(true);
  });

  it('is compared as a whole', () => {
    const text = descriptionOf(['Text'], KEY);
    expect(carriesReference(text, KEY)).toBe(true);
    expect(carriesReference(text, 'a:calcom-sales:uid-10')).toBe(false);
    expect(carriesReference(text, 'a:calcom-sales:uid')).toBe(false);
    expect(carriesReference('', KEY)).toBe(false);
  });

  it('is found below a guest’s imitation, behind a lone "<" and inside markup', () => {
    expect(carriesReference(descriptionOf([referenceLine('a:other')], KEY), KEY)).toBe(true);
    expect(carriesReference(descriptionOf([referenceLine('a:other')], KEY), 'a:other')).toBe(false);
    expect(carriesReference(`${descriptionOf(['I <b roofs'], KEY)}\n\n-> called`, KEY)).toBe(true);
    expect(carriesReference(`<p>Text</p><p>Booking&nbsp;reference: ${KEY}</p><p>Note</p>`, KEY)).toBe(true);
  });

  it('keeps a key with a space on one word', () => {
    expect(carriesReference(descriptionOf(['Text'], 'a:b c'), 'a:b c')).toBe(true);
    expect(carriesReference(descriptionOf(['Text'], 'a:b c'), 'a:b')).toBe(false);
  });
});

describe('a sentence that is added', () => {
  it('goes below the text, once', () => {
    const once = withSentence('Text', 'Merged.');
    expect(once).toBe('Text\n\nMerged.');
    expect(withSentence(once, 'Merged.')).toBe(once);
    expect(withSentence(' ', 'Merged.')).toBe('Merged.');
  });
});
