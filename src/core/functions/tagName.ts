/** Letters, digits and `. _ + / -`, by git's rules for refs: https://git-scm.com/docs/git-check-ref-format */
export function isTagName(name: string): boolean {
  return /^[A-Za-z0-9_][\w.+/-]*$/.test(name) && name.length <= 200 && !/\.\.|\/\/|\/\.|\.\/|[./]$|\.lock(\/|$)/.test(name) && name !== 'HEAD';
}
