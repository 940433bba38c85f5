using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using RestKv.Api.Hosting;

namespace RestKv.Api.Cli;

/// <summary>Says once what an operator needs to know: where the member serves, with which data, and what it does not protect.</summary>
internal sealed partial class StartupReport(
    NodeOptions options,
    StartupWarnings warnings,
    IServer server,
    IHostApplicationLifetime lifetime,
    ILogger<StartupReport> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in warnings.Texts)
        {
            LogConfigurationWarning(warning);
        }

        // The addresses are known only once the server listens, which is after all hosted services have started.
        lifetime.ApplicationStarted.Register(ReportStarted);
        lifetime.ApplicationStopping.Register(() => LogStopping(options.Name));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void ReportStarted()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var list = string.Join(' ', addresses);
        LogServing(options.Name, list, options.DataDir, Environment.ProcessId);
        if (!options.ClientCertAuth && !options.ListenClientUrls.All(url => url.IsLoopback))
        {
            LogExposed();
        }
    }
}
