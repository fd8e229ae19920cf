// Compresses the program's first part, as static/start.mjs decompresses it.
import { Encoder } from '../../node_modules/lzma1/lib/encoder.js';
import { InputBuffer, OutputBuffer } from '../../node_modules/lzma1/lib/streams.js';

// A window as large as any program, and the longest matches.
const MODE = { searchDepth: 23, filterStrength: 255, modeIndex: 1 };

/** LZMA's usual settings are for text and aligned data; in a program, a byte follows from the one before, wherever it stands. */
class ProgramEncoder extends Encoder {
  configure(mode) {
    super.configure(mode);
    this._numLiteralContextBits = 4;
    this._posStateBits = 1;
    this._posStateMask = (1 << this._posStateBits) - 1;
  }
}

/** The bytes of `program`, an Uint8Array, in LZMA's own file format. */
export function compress(program) {
  const output = new OutputBuffer(program.length);
  new ProgramEncoder().compress(new InputBuffer(program), output, MODE);
  return output.toArray();
}
