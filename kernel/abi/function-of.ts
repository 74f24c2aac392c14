// Functions made from text, for what is read so often that code of its own pays: structs and the arguments of calls.

/**
 * undefined where the host forbids such code (node --disallow-code-generation-from-strings, a page's security policy):
 * whoever asks has a slower way.
 */
export function functionOf<T>(parameters: readonly string[], body: string): T | undefined {
  try {
    return new Function(...parameters, body) as T;
  } catch {
    return undefined;
  }
}
