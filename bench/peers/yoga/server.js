// GraphQL Yoga on Node's own server, with graphql-jit; it remembers parsed and validated documents by itself.
import { createServer } from "node:http";
import { useGraphQlJit } from "@envelop/graphql-jit";
import { createSchema, createYoga } from "graphql-yoga";
import { port, resolvers, typeDefs } from "../shared/resolvers.js";

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [useGraphQlJit()],
  logging: false,
  graphiql: false,
  landingPage: false,
  batching: false,
  cors: false,
});
createServer(yoga).listen(port, "127.0.0.1");
