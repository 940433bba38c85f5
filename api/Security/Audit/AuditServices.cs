using RestKv.Api.Hosting;
using RestKv.Storage;

namespace RestKv.Api.Security.Audit;

/// <summary>Puts the audit log before the node and around the pipeline; nothing at all where none is wanted.</summary>
internal static class AuditServices
{
    public static void AddAudit(this IServiceCollection services, NodeOptions options)
    {
        if (options.AuditLog.Length == 0)
        {
            return;
        }

        services.AddHttpContextAccessor();
        services.AddSingleton(provider => new AuditLog(
            new PhysicalFileSystem(Path.GetDirectoryName(options.AuditLog) ?? "/"), Path.GetFileName(options.AuditLog),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AuditLog>>()));
        services.AddSingleton<INode>(provider => new AuditedNode(
            provider.GetRequiredService<ReplicaNode>(), provider.GetRequiredService<AuditLog>(),
            provider.GetRequiredService<IHttpContextAccessor>(), options.AuditWrites));
    }

    public static void UseAudit(this WebApplication app)
    {
        if (app.Services.GetService<AuditLog>() is not null)
        {
            app.UseMiddleware<AuditMiddleware>();
        }
    }
}
