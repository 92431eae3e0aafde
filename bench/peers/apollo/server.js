// Apollo Server on Fastify, in production mode: parsed and validated documents are remembered, nothing is reported.
import { ApolloServer } from "@apollo/server";
import fastifyApollo, { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import Fastify from "fastify";
import { port, resolvers, typeDefs } from "../shared/resolvers.js";

const app = Fastify({ logger: false });
const server = new ApolloServer({
  typeDefs,
  resolvers,
  introspection: false,
  csrfPrevention: false,
  stopOnTerminationSignals: false,
  plugins: [fastifyApolloDrainPlugin(app)],
});
await server.start();
await app.register(fastifyApollo(server));
await app.listen({ host: "127.0.0.1", port });
