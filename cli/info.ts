export async function showInfo(_f: string, _o: object): Promise<void> {}
