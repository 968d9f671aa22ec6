const alphabet = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;

/** Whether a text can be a Solana address: base58, 32 to 44 signs. */
export function isWallet(text: unknown): text is string {
  return typeof text === 'string' && alphabet.test(text);
}
