using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using RestKv.Core.Auth;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Hashing, rationed: it takes a tenth of a second of a processor each time, so who logs in again and again must not take the
/// processors from everybody else. Passwords that were found right are remembered for as long as they are the user's, under a
/// key that dies with the process, so that clients which send one with every request are not hashed each time.
/// </summary>
internal sealed class PasswordWork(PasswordHasher hasher) : IDisposable
{
    private const int WaitingMax = 256;
    private const int RememberedMax = 4096;

    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly ConcurrentDictionary<TokenDigest, bool> _right = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private int _waiting;

    public void Dispose() => _turns.Dispose();

    /// <summary>Null when too many wait already.</summary>
    public async ValueTask<byte[]?> TryHashAsync(string password, CancellationToken cancellationToken)
    {
        if (!await TryEnterAsync(cancellationToken))
        {
            return null;
        }

        try
        {
            return await Task.Run(() => hasher.Hash(password), cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Whether it is the user's password; null when too many wait already. The same time for users that are not there.</summary>
    public async ValueTask<bool?> TryVerifyAsync(AuthUser? user, string password, CancellationToken cancellationToken)
    {
        var digest = user is null ? default : DigestOf(user, password);
        if (user is not null && _right.ContainsKey(digest))
        {
            return true;
        }

        if (!await TryEnterAsync(cancellationToken))
        {
            return null;
        }

        try
        {
            var hash = user is null ? default : user.PasswordHash;
            var isRight = await Task.Run(() => hasher.Verify(password, hash.Span), cancellationToken);
            if (isRight)
            {
                Remember(digest);
            }

            return isRight;
        }
        finally
        {
            Leave();
        }
    }

    private async ValueTask<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        try
        {
            await _turns.WaitAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref _waiting);
            throw;
        }
    }

    private void Leave()
    {
        Interlocked.Decrement(ref _waiting);
        _turns.Release();
    }

    private void Remember(TokenDigest digest)
    {
        if (_right.Count >= RememberedMax)
        {
            _right.Clear();
        }

        _right[digest] = true;
    }

    /// <summary>Of the user at this epoch: a new password has another.</summary>
    private TokenDigest DigestOf(AuthUser user, string password)
    {
        Span<byte> hash = stackalloc byte[TokenDigest.Bytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{user.Epoch}\0{user.Name}\0{password}"), hash);
        return TokenDigest.Of(hash);
    }
}
