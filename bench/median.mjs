/** The middle one of some numbers; NaN where there is none. */
export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
