import { DEFAULT_FEATURES, FEATURE, MAX_FEATURES } from '../../people/features.ts';
import type { Fields } from './fields.ts';
import { shownValue } from './fields.ts';
import { suggestion } from './suggestion.ts';

/** Those a Genesys server names (docs/genesys.md, section 5.5); a mistake is compared with them. */
const KNOWN_FEATURES = [
  'api-voice',
  'api-voice-outbound',
  'api-voice-predictive-calls',
  'api-voice-instant-messaging',
  'api-multimedia-email',
  'api-multimedia-chat',
  'api-multimedia-workitem',
  'api-provisioning-read',
  'api-provisioning-write',
  'api-platform-configuration-read',
  'api-platform-configuration-write',
  'api-supervisor-monitoring',
  'api-supervisor-agent-control',
  'api-devices-webrtc',
  'api-user-account-management-email',
];

/** Each once. */
export function readFeatures(fields: Fields): readonly string[] {
  if (!fields.has('features')) return DEFAULT_FEATURES;
  const given = fields.list('features', MAX_FEATURES, (value, path) => {
    if (typeof value === 'string' && FEATURE.test(value)) return value;
    const what = typeof value === 'string' ? `, not ${shownValue(value)}` : '';
    const meant = typeof value === 'string' ? suggestion(value, KNOWN_FEATURES) : null;
    const hint = meant === null ? '' : `; did you mean ${meant}?`;
    fields.problems.add(path, `must be a feature, as in "api-voice-outbound"${what}${hint}`);
    return null;
  });
  return [...new Set(given)];
}
