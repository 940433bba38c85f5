using RestKv.Api.Cli;
using RestKv.Api.Hosting;

if (BuildTimeDocument.IsActive)
{
    // The build reads the OpenAPI document from a host that serves nobody.
    await NodeApplication.Build(new NodeOptions { ListenClientUrls = [] }).RunAsync();
    return 0;
}

return await CommandLine.RunAsync(args);
