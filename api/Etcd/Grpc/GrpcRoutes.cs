using RestKv.Api.Errors;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>Registers gRPC and puts it into the pipeline.</summary>
internal static class GrpcRoutes
{
    public static void AddGrpc(this IServiceCollection services)
    {
        services.AddSingleton(provider => new GrpcMethods(provider.GetRequiredService<EtcdMethods>().All));
        services.AddSingleton<GrpcInvoker>();
    }

    /// <summary>Before the native gate: a call is checked and answered in gRPC's own way.</summary>
    public static void UseGrpc(this WebApplication app) => app.UseMiddleware<GrpcServer>();

    /// <summary>What the paths of gRPC answer to whoever does not speak it.</summary>
    public static void MapGrpc(this WebApplication app)
    {
        foreach (var path in app.Services.GetRequiredService<GrpcMethods>().Paths)
        {
            app.MapPost(path, (RequestDelegate)RefuseAsync)
                .ExcludeFromDescription()
                .WithMetadata(new RouteAccessMetadata(RouteAccess.Public));
        }
    }

    private static Task RefuseAsync(HttpContext context) =>
        new Problem(
            ProblemCatalog.UnsupportedMediaType,
            "this is a gRPC method: it takes POST over HTTP/2 with Content-Type application/grpc; as JSON, it is below /v3")
        {
            At = "Content-Type",
        }.WriteAsync(context);
}
