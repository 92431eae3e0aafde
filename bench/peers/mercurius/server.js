// Mercurius with its compiler: each document is compiled when it comes for the second time. Events go round in its memory.
import Fastify from "fastify";
import mercurius from "mercurius";
import { port, resolvers, typeDefs } from "../shared/resolvers.js";

// Of a whole city, or of the ward whose code is asked for: nobody looks at what is not theirs.
const topic = (code) => (code ? `alerts ${code}` : "alerts");
const Subscription = { alerts: { subscribe: (_, { areaId }, { pubsub }) => pubsub.subscribe(topic(areaId)) } };

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
