/** What a dialect says of the sources that people set up for it. */
import type { Json } from '../ledger/entity.ts';
import type { NumberRanges, SourceSettings } from './entities.ts';

/** A setting that is one kind's alone. `meaning` goes on after its name: `must be …`. */
export type SettingField =
  | {
      readonly name: string;
      readonly form: 'text';
      readonly description: string;
      readonly max: number;
      readonly check?: (value: string) => boolean;
      readonly meaning?: string;
      /** No two active sources of the kind have the same (`uniqueText`), and blanks around it are left off. */
      readonly unique?: boolean;
    }
  | { readonly name: string; readonly form: 'flag'; readonly description: string }
  /** Kept sealed, and shown to nobody. */
  | { readonly name: string; readonly form: 'secret'; readonly description: string; readonly max: number };

/** A name as it is compared: people type one in either case. */
export const uniqueText = (name: string): string => name.trim().toUpperCase();

/** What numbers are where nothing was configured, in the patterns that `numbers` of a source takes. */
export type DefaultNumbers = Partial<NumberRanges> & { readonly featureCode?: readonly string[] };

export interface SourceKind {
  readonly kind: string;
  /** The plan that systems of this kind are delivered with. */
  readonly defaultNumbers?: DefaultNumbers;
  readonly fields: readonly SettingField[];
  /** A sentence on settings that are complete and cannot be as they are; null when they can. */
  readonly mistake: (settings: SourceSettings) => string | null;
}

/** Seals secrets, and says whether a sealed one is still this one. */
export interface SecretKeeper {
  seal(clear: string): string;
  isSealed(sealed: string, clear: string): boolean;
}

/** In clear; a field that is not there is as before, or as where nobody input anything. */
export type SettingsInput = Readonly<Record<string, Json | undefined>>;

/** What is to be stored of settings, given what is stored; to be asked in the command that stores it. */
export type SettingsToStore = (stored: SourceSettings | null) => SourceSettings;

/** Secrets are sealed here, before the command. What is stored of one stays exactly as it is where it has not changed. */
export function sealSettings({ fields }: SourceKind, input: SettingsInput, keeper: SecretKeeper): SettingsToStore {
  const sealed = new Map<string, string>();
  for (const { name, form } of fields) {
    const value = input[name];
    if (form === 'secret' && typeof value === 'string') sealed.set(name, keeper.seal(value));
  }
  return stored => {
    const settings: Record<string, Json> = {};
    for (const field of fields) {
      const { name, form } = field;
      const value = input[name];
      const before = stored?.[name] ?? null;
      if (form === 'flag') settings[name] = value ?? false;
      else if (form === 'text') settings[name] = trimmed(field, value) ?? null;
      else if (value === undefined) settings[name] = before;
      else if (typeof value !== 'string') settings[name] = null;
      else settings[name] = typeof before === 'string' && keeper.isSealed(before, value) ? before : sealed.get(name)!;
    }
    return settings;
  };
}

function trimmed(field: SettingField, value: Json | undefined): Json | undefined {
  if (field.form !== 'text' || field.unique !== true || typeof value !== 'string') return value;
  return value.trim() === '' ? null : value.trim();
}
