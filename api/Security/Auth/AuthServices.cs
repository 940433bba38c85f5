using RestKv.Api.Hosting;

namespace RestKv.Api.Security.Auth;

/// <summary>Registers who recognises whom.</summary>
internal static class AuthServices
{
    public static void AddRestKvAuth(this IServiceCollection services)
    {
        services.AddSingleton(provider => new PasswordHasher(provider.GetRequiredService<NodeOptions>().PasswordIterations));
        services.AddSingleton<PasswordWork>();
        services.AddSingleton<LoginLimits>();
        services.AddSingleton<SessionRenewal>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<Logins>();
        services.AddSingleton<Credentials>();
    }
}
