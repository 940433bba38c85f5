using System.Collections.Immutable;

namespace RestKv.Core.Auth;

/// <summary>Somebody who may log in, or show a certificate with the name. Immutable.</summary>
/// <param name="PasswordHash">Made by the shell; the kernel only keeps it. The password itself is in no log.</param>
/// <param name="HasNoPassword">Only a certificate or a token tells who this is.</param>
/// <param name="Epoch">
/// Log index at which the user was made or got its password. Who was let in under another one is not let in any more, and
/// a user of the same name made later is somebody else.
/// </param>
public sealed record AuthUser(
    string Name, ReadOnlyMemory<byte> PasswordHash, bool HasNoPassword, ImmutableSortedSet<string> Roles, long Epoch)
{
    /// <summary>Has all rights as long as authentication is on, and cannot be removed then.</summary>
    public const string RootName = "root";

    /// <summary>The union of its roles, worked out whenever one of them changes.</summary>
    public AccessRights Rights { get; init; } = AccessRights.None;
}
