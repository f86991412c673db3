/** What a number reaches: `service` is a prompt, a survey or a mailbox, which nobody answers. */
export type Party = 'ivr' | 'queue' | 'extension' | 'external' | 'service' | 'unknown';
