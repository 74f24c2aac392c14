import { describe, expect, it } from 'vitest';
import { addByPages, type FragmentPage, holdBlock, PAGE, type PageRun, takeFragment } from './page-run.ts';

function newOwner(): { fragment: FragmentPage | undefined } {
  return { fragment: undefined };
}

describe('parts of pages', () => {
  it('a fragment page is given out in order, cut at its end, and followed by another', () => {
    const owner = newOwner();
    const first = takeFragment(owner, 30_000);
    holdBlock(first.block);
    const second = takeFragment(owner, 5000);
    const third = takeFragment(owner, 2232);
    expect([first.at, second.at, second.length]).toEqual([0, 30_000, 2768]);
    expect([third.at, third.length]).toEqual([0, 2232]);
    expect(second.block).toBe(first.block);
    expect(third.block).not.toBe(first.block);
  });

  it('a fragment page that nobody has any more begins anew', () => {
    const owner = newOwner();
    const first = takeFragment(owner, 100);
    expect(takeFragment(owner, 100)).toEqual({ ...first, at: 0 });
  });

  it('a run is cut at pages, joins what it continues, and takes no more parts than there may be', () => {
    const block = {};
    const list: PageRun[] = [];
    expect(addByPages(list, { length: 100, block, at: PAGE - 300 }, 3)).toBe(100);
    expect(addByPages(list, { length: 200 + 2 * PAGE + 5, block, at: PAGE - 200 }, 3)).toBe(200 + 2 * PAGE);
    expect(list.map(({ length, at }) => [length, at])).toEqual([
      [300, PAGE - 300],
      [PAGE, PAGE],
      [PAGE, 2 * PAGE],
    ]);
    expect(addByPages(list, { length: 1, block: {}, at: 0 }, 3)).toBe(0);
  });
});
