// Types of mangled names, as the text left and right of what they declare.
// itanium.ts builds them up from inside out.
// Blanks are those of c++filt.

export interface Type {
  readonly left: string;
  readonly right: string;
  /** A function or an array: what points to it stands in parentheses. */
  readonly isGroup?: boolean;
  readonly reference?: '&' | '&&';
  /** Of a function: what its parameters stand behind. */
  readonly isFunction?: boolean;
}

export function plain(left: string): Type {
  return { left, right: '' };
}

export function text({ left, right, isFunction }: Type): string {
  return isFunction === true ? `${left} ${right}` : left + right;
}

export function pointer(to: Type, mark = '*'): Type {
  const spaced = mark === '*' ? mark : ` ${mark}`;
  if (to.isGroup === true) return { left: `${to.left} (${mark}`, right: `)${to.right}` };
  return { left: `${to.left}${to.left.endsWith('(') ? mark : spaced}`, right: to.right };
}

/** A reference to a reference is the shorter one: C++, [dcl.ref]. */
export function reference(to: Type, mark: '&' | '&&'): Type {
  if (to.reference === '&' || mark === to.reference) return to;
  if (to.reference === '&&') return { ...to, left: to.left.slice(0, -1), reference: '&' };
  return { ...pointer(to, mark === '&' ? '*' : '*'), ...replaced(pointer(to), mark), reference: mark };
}

/** With the reference's mark in the place of the star at the end of the left part. */
function replaced({ left }: Type, mark: string): Pick<Type, 'left'> {
  return { left: `${left.slice(0, -1)}${mark}` };
}

export function withQualifiers(type: Type, qualifiers: string): Type {
  if (type.isFunction === true) return { ...type, right: `${type.right}${qualifiers}` };
  if (type.isGroup === true) return { ...type, left: `${type.left}${qualifiers}` };
  return { ...type, left: `${type.left}${qualifiers}` };
}

export function functionType(returns: Type, parameters: string, suffix: string): Type {
  return {
    left: returns.left,
    right: `(${parameters})${suffix}${returns.right}`,
    isGroup: true,
    isFunction: true,
  };
}

export function arrayType(element: Type, count: string): Type {
  if (element.isGroup === true && element.isFunction !== true)
    return { left: element.left, right: ` [${count}]${element.right.trimStart()}`, isGroup: true };
  return { left: element.left, right: ` [${count}]${element.right}`, isGroup: true };
}
