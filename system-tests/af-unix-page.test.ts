// docs/af-unix.md says what the guest programs and their goldens say.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AF_UNIX_PAGE, afUnixPage } from '../scripts/guests/af-unix-page.ts';
import { listGuestPrograms } from '../scripts/guests/catalogue.ts';

test(`${AF_UNIX_PAGE} is what its programs say (npm run goldens -- NAME writes it)`, () => {
  expect(readFileSync(AF_UNIX_PAGE, 'utf8')).toBe(afUnixPage(listGuestPrograms()));
});
