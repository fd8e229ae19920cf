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

/**
 * Gives what a module takes from wasm-bindgen's script, and the closures that it offers it, names of a few letters: theirs are long
 * and full of digests, which nothing makes small. Returns pairs of what each was called and is called now.
 */
export function shorten(module) {
  const taken = [];
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const info = binaryen.getFunctionInfo(module.getFunctionByIndex(index));
    if (info.module) taken.push(info);
  }
  const offered = [];
  for (let index = 0; index < module.getNumExports(); index++) {
    const info = binaryen.getExportInfo(module.getExportByIndex(index));
    if (info.name.startsWith('wasm_bindgen_')) offered.push(info);
  }
  const short = (index) => `$${index.toString(36)}`;
  taken.forEach(({ name, module: from, params, results }, index) => {
    module.removeFunction(name);
    module.addFunctionImport(name, from, short(index), params, results);
  });
  offered.forEach(({ name, value }, index) => {
    module.removeExport(name);
    module.addFunctionExport(value, short(index));
  });
  return [...taken.map(({ base }, index) => [base, short(index)]), ...offered.map(({ name }, index) => [name, short(index)])];
}

/** wasm-bindgen's script with those names. */
export function shortened(script, names) {
  return names.reduce((text, [long, short]) => {
    const places = text.split(new RegExp(`(?<![\\w$])${long.replaceAll('$', '\\$')}(?![\\w$])`));
    if (places.length < 2) throw new Error(`wasm-bindgen's script does not name ${long}`);
    return places.join(short);
  }, script);
}

/** Eight hexadecimal digits for a function's name. A crate's hash and the number of a closure or an outlined part do not count. */
export function key(name) {
  const known = name.replace(/\[[0-9a-f]+\]/g, '').replace(/#\d+\}/g, '}').replace(/\.cold\.\d+/g, '.cold');
  return createHash('sha256').update(known).digest('hex').slice(0, 8);
}
