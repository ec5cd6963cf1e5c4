import { ObjectType } from 'type-graphql';
import { tiers } from './tiers.ts';
import { Value, custodianId, labelList, recordId, reviewStatus } from './value-kinds.ts';

/** The base class of a subgraph's record types: the fields that every record carries, all of the tier R. */
export function recordFields(subgraph: string) {
  const { Registered } = tiers(subgraph);

  @ObjectType()
  abstract class RecordFields {
    @Registered
    @Value(recordId, {
      description: 'Random, minted at import, and prefixed by the custodian; never an organisation’s own number.',
    })
    id?: string;

    @Registered
    @Value(custodianId, { description: 'The id of the custodian that holds the record.' })
    custodian?: string;

    @Registered
    @Value(labelList, { description: 'The labels on the record.' })
    labels?: string[];

    @Registered
    @Value(reviewStatus)
    reviewStatus?: string;
  }
  return RecordFields;
}
