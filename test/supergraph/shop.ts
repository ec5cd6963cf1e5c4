import { type Subgraph, serveSubgraph } from './serve-subgraph.ts';

const link = (imports: string): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", ${imports}])\n`;

/** Here `@authenticated` goes by another name. */
const ACCOUNTS = `${link('"@requiresScopes", "@policy", "@inaccessible", "@tag", {name: "@authenticated", as: "@signedIn"}')}
  type Query {
    me: User @signedIn
    users: [User!]!
    broken: String
    brokenForAll: String!
    search: [Found]
  }
  type Mutation {
    rename(id: ID!, name: String!): User
    promote(id: ID!): User @requiresScopes(scopes: [["admin"]])
    ban(id: ID!): Ban
  }
  type User @key(fields: "id") @key(fields: "username") {
    id: ID!
    username: String @requiresScopes(scopes: [["user:handle"]])
    name: String @shareable
    email: String @requiresScopes(scopes: [["user:email", "user:read"], ["admin"]])
    badge: String! @requiresScopes(scopes: [["admin"]])
    born: Birthday
    level: Level
    internal: String @inaccessible @tag(name: "staff")
  }
  type Ban @policy(policies: [["moderator"]]) { user: User }
  type Invoice @policy(policies: [["books", "audit"], ["owner"]]) { total: Int }
  union Found = User | Ban
  scalar Birthday @signedIn
  enum Level @policy(policies: [["staff"]]) { LOW HIGH }
`;

const PRODUCTS = `${link('"@requiresScopes", "@authenticated"')}
  type Query {
    topProducts(first: Int = 3): [Product!]!
    media: [Media!]!
    node(id: ID!): Node
  }
  type Mutation { addProduct(upc: ID!): Product }
  interface Node { id: ID! }
  interface Media @key(fields: "id") { id: ID! title: String }
  type Book implements Media & Node @key(fields: "id") {
    id: ID!
    title: String
    pages: Int @requiresScopes(scopes: [["pages"]])
  }
  type Film implements Media & Node @key(fields: "id") { id: ID! title: String minutes: Int }
  type Product @key(fields: "upc") @key(fields: "maker { id } code") {
    upc: ID!
    code: String!
    maker: Maker!
    name: String @shareable
    price: Int
    weight: Int
    cost: Int @requiresScopes(scopes: [["cost"]])
  }
  type Maker { id: ID! @shareable country: String }
`;

const INVENTORY = `${link('"@external", "@requires", "@override", "@requiresScopes"')}
  type Query { unused: Int }
  type Product @key(fields: "upc") {
    upc: ID!
    price: Int @external
    cost: Int @external
    inStock: Boolean
    weight: Int @override(from: "products", label: "percent(100)")
    shipping: Int @requires(fields: "price")
    margin: Int @requires(fields: "price cost") @requiresScopes(scopes: [["cost"]])
  }
`;

const REVIEWS = `${link('"@external", "@provides", "@interfaceObject", "@requiresScopes", {name: "@authenticated", as: "@signedIn"}')}
  type Query { reviews: [Review!]! }
  type Mutation { addReview(text: String!): Review }
  type Review { id: ID! text: String author: User @provides(fields: "name") product: Product }
  type User @key(fields: "username") { username: String name: String @external reviews: [Review!]! }
  type Product @key(fields: "maker { id } code") { maker: Maker! code: String! reviews: [Review!]! }
  type Maker { id: ID! @shareable }
  type Media @interfaceObject @key(fields: "id") { id: ID! stars: Int remarks: String @signedIn }
`;

const users = [
  { id: 'u1', username: 'ada', name: 'Ada', email: 'ada@shop.example', badge: 'A', born: '1815-12-10', level: 'HIGH' },
  { id: 'u2', username: 'bob', name: 'Bob', email: 'bob@shop.example', badge: 'B', born: '1990-01-01', level: 'LOW' },
];
const products = [
  { upc: 'p1', code: 'T', maker: { id: 'm1', country: 'DE' }, name: 'Table', price: 100, weight: 1, cost: 60 },
  { upc: 'p2', code: 'C', maker: { id: 'm1', country: 'DE' }, name: 'Chair', price: 40, weight: 2, cost: 25 },
];
const media = [
  { __typename: 'Book', id: 'b1', title: 'Dune', pages: 600 },
  { __typename: 'Film', id: 'f1', title: 'Heat', minutes: 170 },
];
const reviews = [
  { id: 'r1', text: 'Solid.', author: users[0], product: products[0] },
  { id: 'r2', text: 'Creaks.', author: users[1], product: products[0] },
];

/** What a fault of a subgraph says, of which nothing may get out. */
export const SECRET_FAULT = 'password=hunter2 at db.internal:5432';
const fail = (): never => {
  throw new Error(SECRET_FAULT);
};

/** Four subgraphs that use most of Federation 2; what mutations have done, in order. */
export interface Shop {
  readonly subgraphs: readonly Subgraph[];
  readonly done: string[];
  /** All that was fetched since the last time, as text. */
  fetched(): string;
  /** The subgraphs fetched from since the last time. */
  asked(): string[];
  close(): Promise<void>;
}

export async function openShop(): Promise<Shop> {
  const done: string[] = [];
  const act = <Result>(what: string, result: Result): Promise<Result> =>
    new Promise((resolve) => setTimeout(() => resolve((done.push(what), result)), 20));
  const subgraphs = await Promise.all([
    serveSubgraph('accounts', ACCOUNTS, {
      Query: {
        me: () => users[0],
        users: () => users,
        broken: fail,
        brokenForAll: fail,
        search: () => [
          { __typename: 'User', ...users[0] },
          { __typename: 'Ban', user: users[1] },
        ],
      },
      Mutation: {
        rename: (_: unknown, { id, name }: Record<string, string>) =>
          act(`rename ${id} ${name}`, { ...users.find((user) => user.id === id), name }),
        promote: (_: unknown, { id }: Record<string, string>) => act(`promote ${id}`, users[0]),
        ban: (_: unknown, { id }: Record<string, string>) => act(`ban ${id}`, { user: users[0] }),
      },
      User: {
        __resolveReference: ({ id, username }: Record<string, string>) =>
          users.find((user) => user.id === id || user.username === username),
      },
    }),
    serveSubgraph('products', PRODUCTS, {
      Query: {
        topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first),
        media: () => media,
        node: (_: unknown, { id }: { id: string }) => media.find((one) => one.id === id),
      },
      Mutation: { addProduct: (_: unknown, { upc }: { upc: string }) => act(`addProduct ${upc}`, products[0]) },
      Media: { __resolveReference: ({ id }: { id: string }) => media.find((one) => one.id === id) },
      Book: { __resolveReference: ({ id }: { id: string }) => media.find((one) => one.id === id) },
      Film: { __resolveReference: ({ id }: { id: string }) => media.find((one) => one.id === id) },
      Product: {
        __resolveReference: ({ upc, code }: Record<string, string>) =>
          products.find((product) => product.upc === upc || product.code === code),
      },
    }),
    serveSubgraph('inventory', INVENTORY, {
      Product: {
        __resolveReference: (reference: object) => reference,
        inStock: ({ upc }: { upc: string }) => upc === 'p1',
        weight: ({ upc }: { upc: string }) => (upc === 'p1' ? 11 : 22),
        shipping: ({ price }: { price: number }) => price / 10,
        margin: ({ price, cost }: Record<string, number>) => (price ?? 0) - (cost ?? 0),
      },
    }),
    serveSubgraph('reviews', REVIEWS, {
      Query: { reviews: () => reviews },
      Mutation: { addReview: (_: unknown, { text }: { text: string }) => act(`addReview ${text}`, { id: 'r3', text }) },
      User: {
        __resolveReference: (reference: object) => reference,
        reviews: ({ username }: { username: string }) => reviews.filter(({ author }) => author?.username === username),
      },
      Product: {
        __resolveReference: (reference: object) => reference,
        reviews: ({ code }: { code: string }) => reviews.filter(({ product }) => product?.code === code),
      },
      Media: {
        __resolveReference: (reference: object) => reference,
        stars: ({ id }: { id: string }) => (id === 'b1' ? 5 : 3),
        remarks: () => 'between us',
      },
    }),
  ]);
  const take = (): Subgraph['fetches'] => subgraphs.flatMap(({ fetches }) => fetches.splice(0));
  return {
    subgraphs,
    done,
    fetched: () => JSON.stringify(take()),
    asked: () => take().map(({ subgraph }) => subgraph),
    close: async () => void (await Promise.all(subgraphs.map(({ server }) => server.close()))),
  };
}
