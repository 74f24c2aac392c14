// placeholder
export interface FileLocks {
  readonly isEmpty: boolean;
}
