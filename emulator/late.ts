// The parts of the processor that a short program never needs: emitters of code, and single instructions by themselves.
// cpu/ and jit/code-cache.ts call them through here, so that the build of the command line can leave them in a file of
// their own that is loaded at the first call. Functions only, whose arguments and results any copy of a module understands.
import { emitInterpreter } from './cpu/interpreter.ts';
import { stepAlone } from './cpu/step.ts';
import { softHelper } from './fp/soft-helpers.ts';
import { emitRegions } from './jit/emit-region.ts';
import { discoverRegion } from './jit/region.ts';

export const late = { discoverRegion, emitInterpreter, emitRegions, softHelper, stepAlone } as const;
