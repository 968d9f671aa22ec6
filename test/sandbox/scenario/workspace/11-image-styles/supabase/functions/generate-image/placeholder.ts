/** What is shown while no model is configured: the prompt's initials on a coloured square. */
export function placeholder(prompt: string, size: number): string {
  const initials = prompt.split(/\s+/).map((word) => word[0] ?? '').join('').slice(0, 3).toUpperCase();
  const middle = Math.round(size / 2);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">`,
    `<rect width="${size}" height="${size}" fill="#3a6"/>`,
    `<text x="${middle}" y="${middle}" text-anchor="middle" font-size="${Math.round(size / 3)}">${initials}</text>`,
    '</svg>',
  ].join('');
}
