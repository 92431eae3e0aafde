// Mercurius with its compiler: each document is compiled when it comes for the second time. Events go round in its memory.
import Fastify from "fastify";
import mercurius from "mercurius";
import { port, resolvers, typeDefs } from "../shared/resolvers.js";

const Subscription = { alerts: { subscribe: (_, __, { pubsub }) => pubsub.subscribe("alerts") } };

const app = Fastify({ logger: false });
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: { ...resolvers, Subscription },
  jit: 1,
  cache: true,
  graphiql: false,
  subscription: true,
});
await app.listen({ host: "127.0.0.1", port });
