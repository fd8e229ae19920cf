// The page's program as wasm-bindgen wrote it, and what its functions are known by from one build to the next.
import { createHash } from 'node:crypto';
import binaryen from 'binaryen';
import { withoutLinking } from './linking.mjs';

/** As binaryen's module: a new one each time, to be changed freely. */
export const read = (wasm) => binaryen.readBinary(withoutLinking(wasm));

/** The functions that a module has itself, not from elsewhere, in their order. */
export function functions(module) {
  const found = [];
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const info = binaryen.getFunctionInfo(module.getFunctionByIndex(index));
    if (!info.module) found.push(info);
  }
  return found;
}

/** Eight hexadecimal digits for a function's name. A crate's hash and the number of a closure or an outlined part do not count. */
export function key(name) {
  const known = name.replace(/\[[0-9a-f]+\]/g, '').replace(/#\d+\}/g, '}').replace(/\.cold\.\d+/g, '.cold');
  return createHash('sha256').update(known).digest('hex').slice(0, 8);
}
