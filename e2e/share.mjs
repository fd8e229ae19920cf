// Share links as docs/link-format.md has them, made without the page.
import { deflateRawSync } from 'node:zlib';

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ((crc ^ -1) >>> 0).toString(16).padStart(8, '0');
}

/** The fragment of a link that holds this text. */
export function fragment(text) {
  const bytes = Buffer.from(text);
  const data = deflateRawSync(bytes).toString('base64url');
  return `s=1.${data}.${data.length}.${crc32(bytes)}`;
}

/** The text of a share: files, then commands with the seconds at which they are typed, then further lines. */
export function share(files, commands = [], more = [], profile = 'docker-desktop') {
  const lines = ['saya 1', `profile ${profile}`, 'seed 1', 'date 2026-11-20T09:00:00Z'];
  for (const [path, text] of Object.entries(files)) {
    lines.push(`file ${path}`, ...text.trimEnd().split('\n').map((line) => (line ? `| ${line}` : '|')));
  }
  for (const [at, command] of commands) lines.push(`at ${at} type 1 ${JSON.stringify(`${command}\n`)}`);
  return [...lines, ...more].map((line) => `${line}\n`).join('');
}

export const POD = (name) => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  containers:
  - name: web
    image: nginx:1.26
`;

/** Drops files (names and texts) on the page. */
export function drop(page, files) {
  return page.evaluate((files) => {
    const dataTransfer = new DataTransfer();
    for (const [name, text] of files) dataTransfer.items.add(new File([text], name));
    const target = document.querySelector('.figure');
    for (const kind of ['dragover', 'drop']) target.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }, files);
}
