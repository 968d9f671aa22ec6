/** Names that Windows gives to devices, with or without an extension. */
const deviceName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * Whether a path from outside (an archive, a git tree, a multipart file name) may be joined to a folder of ours: relative, with `/`,
 * no `.` or `..`, nothing that some operating system reads as a drive, a stream or a device.
 */
export function isSafeRelativePath(path: string): boolean {
  if (path === '' || path.length > 4096 || /[\u0000-\u001f\u007f\\:]/.test(path)) {
    return false;
  }
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..' && !/[. ]$/.test(segment) && !deviceName.test(segment));
}

/**
 * `reference` as seen from `folder`, both relative with `/`; `undefined` when it is absolute or leads above the root.
 * An empty folder is the root itself.
 */
export function resolveRelative(folder: string, reference: string): string | undefined {
  if (reference.startsWith('/') || /^[A-Za-z]:/.test(reference)) {
    return undefined;
  }
  const segments = folder === '' ? [] : folder.split('/');
  for (const segment of reference.split('/')) {
    if (segment === '..') {
      if (segments.pop() === undefined) {
        return undefined;
      }
    } else if (segment !== '' && segment !== '.') {
      segments.push(segment);
    }
  }
  return segments.join('/');
}

/** The folder of a relative path; empty for a file in the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Whether a relative path lies in a folder, or is it; everything lies in the empty one. */
export function isWithin(folder: string, path: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
