// The question before an installation from ClawHub.
import type { ClawhubSkill } from '@buoy/contract';
import type { skillsTexts } from './texts.ts';

/** The name is the publisher's free text, and what is installed goes by the slug: so that stands here. */
export function clawhubEffect(
  { slug, version, owner }: Pick<ClawhubSkill, 'slug' | 'version' | 'owner'>,
  t: (typeof skillsTexts)['en'],
): string[] {
  return [
    version === null ? t.installsSlug(slug) : t.installsVersion(slug, version),
    t.installEffect(owner ?? t.unknownOwner),
  ];
}
