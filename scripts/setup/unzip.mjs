/** Reads one file out of a zip archive (a Python wheel is one). Knows stored and deflated entries, not zip64. */
import { inflateRawSync } from 'node:zlib';

/**
 * @param {Buffer} archive
 * @param {(name: string) => boolean} wanted
 * @returns {Buffer | null} the first entry that is wanted, or null; throws when the archive is damaged
 */
export function unzipOne(archive, wanted) {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('not a zip archive: no end record');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    if (wanted(name)) return content(archive, at);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return null;
}

function content(archive, entry) {
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + archive.readUInt32LE(entry + 20));
  const method = archive.readUInt16LE(entry + 10);
  if (method !== 0 && method !== 8) throw new Error(`zip entry uses compression method ${method}, expected 0 or 8`);
  return method === 0 ? packed : inflateRawSync(packed);
}
