# One image for the API, the worker and the migrations; docker-compose.yml says which program runs.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: it refuses a lockfile that does not name every platform's optional packages. Versions are the lockfile's all the same.
RUN npm install --no-save --ignore-scripts --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY domain domain
COPY workflows workflows
COPY activities activities
COPY integrations integrations
COPY db db
COPY config config
COPY api api
COPY worker worker
COPY cli cli
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production TZ=UTC
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
CMD ["node", "dist/api/main.js"]
