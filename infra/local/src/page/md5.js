// MD5, as the API's hashes need it. Browsers do not offer it, because it protects nothing by itself.

const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
const SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
const ROUNDS = [
  (x, y, z, i) => [(x & y) | (~x & z), i],
  (x, y, z, i) => [(x & z) | (y & ~z), 5 * i + 1],
  (x, y, z, i) => [x ^ y ^ z, 3 * i + 5],
  (x, y, z, i) => [y ^ (x | ~z), 7 * i],
];

/** The MD5 of a text's UTF-8 bytes, in lowercase hex. */
export function md5(text) {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, bytes.length * 8, true);

  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d] = state;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const [mixed, word] = ROUNDS[round](b, c, d, i);
      const sum = (a + mixed + SINES[i] + view.getUint32(block + (word % 16) * 4, true)) | 0;
      const shift = SHIFTS[round][i % 4];
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
    }
    [a, b, c, d].forEach((value, i) => { state[i] = (state[i] + value) | 0; });
  }

  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((value, i) => digest.setUint32(i * 4, value, true));
  return Array.from(new Uint8Array(digest.buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
