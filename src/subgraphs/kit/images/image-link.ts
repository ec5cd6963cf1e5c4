import { Directive, Field, ObjectType } from 'type-graphql';
import type { ValueKind } from '../value-kinds.ts';
import { namedValues } from '../values.ts';
import { imageAccess } from './image-access.ts';

const ImageVariant = namedValues(
  'ImageVariant',
  ['BLURRED', 'REDUCED'],
  'BLURRED shows no face. REDUCED is given where the grant clears GRAPHIC, and carries the viewer and the time.',
);

/** Where an image can be fetched, for a minute. */
@ObjectType({
  description:
    'Where an image can be fetched, from its custodian, for a minute. The link is yours: each download is checked and logged as yours.',
})
@Directive('@shareable')
export class ImageLink {
  @Field(() => String) url!: string;
  @Field(() => String, { description: 'When the link ends (ISO 8601, UTC).' }) expiresAt!: string;
  @Field(() => ImageVariant) variant!: 'BLURRED' | 'REDUCED';
  @Field(() => String, { description: 'The media type of the image.' }) contentType!: string;
}

/** The media type of all derivatives. */
export const DERIVATIVE_TYPE = 'image/jpeg';

/** A link to the image of a record whose columns `image` and `sha256` agree; null where it has none. */
export const imageLink: ValueKind = {
  type: () => ImageLink,
  columns: () => ['image', 'sha256'],
  read: ({ id, labelSet, columns }, _name, { access, viewer, subgraph }) => {
    const { media } = subgraph;
    const isAttached = columns['image'] !== null && columns['image'] === columns['sha256'];
    if (!media || !isAttached) return null;
    const given = imageAccess(access, subgraph.rules.requirementOf(media.images.coordinate), labelSet);
    if (!given) return null;
    const { url, expiresAt } = media.links.issue({ record: id, viewer, grant: given.grant });
    return {
      url,
      expiresAt: new Date(expiresAt).toISOString(),
      variant: given.variant,
      contentType: DERIVATIVE_TYPE,
    } satisfies ImageLink;
  },
};
