# Built from the repository: docker build -t restkv .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# Projects first: packages are restored again only when one of these changes.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig BannedSymbols.Kernel.txt BannedSymbols.Shell.txt ./
COPY raft/RestKv.Raft.csproj raft/Directory.Build.props raft/
COPY core/RestKv.Core.csproj core/Directory.Build.props core/
COPY storage/RestKv.Storage.csproj storage/Directory.Build.props storage/
COPY api/RestKv.Api.csproj api/Directory.Build.props api/
RUN dotnet restore api
COPY raft/ raft/
COPY core/ core/
COPY storage/ storage/
COPY api/ api/
# The committed API document is the reference; an image does not write it.
# Restored once more for the compiler that makes the published code ready to run.
RUN dotnet publish api -c Release -o /app -p:OpenApiGenerateDocumentsOnBuild=false
# The last stage has no shell to make the directories with the right owner; /certs is for volumes with certificates.
RUN mkdir -m 0700 /data /certs

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
LABEL org.opencontainers.image.title="RestKv" \
      org.opencontainers.image.description="A distributed, strongly consistent key-value store over plain HTTP" \
      org.opencontainers.image.version="0.1.0"
COPY --from=build /app /app
COPY --from=build --chown=1654:1654 /data /data
COPY --from=build --chown=1654:1654 /certs /certs
# Listening beyond loopback needs RESTKV_INSECURE set to 1 on top, given by whoever runs the image.
ENV RESTKV_DATA_DIR=/data \
    RESTKV_LISTEN_CLIENT_URLS=http://0.0.0.0:2379 \
    DOTNET_EnableDiagnostics=0
USER 1654
VOLUME ["/data"]
EXPOSE 2379 2380
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["/app/restkv", "health"]
ENTRYPOINT ["/app/restkv"]
CMD ["serve"]
