// PostGraphile's engine (Grafast, served by Grafserv) with plans for the same documents and the statements of the other
// peers. Its own schema, derived from the tables, would answer other documents.
import { createServer } from "node:http";
import { get, lambda, makeGrafastSchema, sideEffect } from "postgraphile/grafast";
import { grafserv } from "postgraphile/grafserv/node";
import { port, resolvers, typeDefs } from "../shared/resolvers.js";

const { Query, Mutation } = resolvers;
const byName = { planType: ($value) => ({ $__typename: get($value, "__typename") }) };

const schema = makeGrafastSchema({
  typeDefs,
  scalars: { DateTime: { serialize: (value) => value.toISOString() } },
  unions: { DeclareResult: byName },
  objects: {
    Query: {
      plans: {
        declarations: (_, { $first }) => lambda($first, (first) => Query.declarations(null, { first })),
        worklist: (_, { $first }) => lambda($first, (first) => Query.worklist(null, { first })),
        areaSummary: () => lambda(null, () => Query.areaSummary()),
      },
    },
    Mutation: {
      plans: {
        declare: (_, { $input }) => sideEffect($input, (input) => Mutation.declare(null, { input }, {})),
      },
    },
  },
});

const preset = {
  grafast: { explain: false },
  grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false, watch: false },
};
const server = createServer();
await grafserv({ schema, preset }).addTo(server);
server.listen(port, "127.0.0.1");
