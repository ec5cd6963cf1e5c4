import type { ApolloServerPlugin, BaseContext, GraphQLRequestContext } from '@apollo/server';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
