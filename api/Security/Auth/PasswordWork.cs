using System.Collections.Concurrent;
using System.Net;
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
    private const int WaitingPerAddressMax = 16;
    private const int RememberedMax = 4096;

    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly ConcurrentDictionary<TokenDigest, bool> _right = new();
    private readonly ConcurrentDictionary<IPAddress, int> _waitingOf = new();
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

    /// <summary>
    /// Whether it is the user's password; null when too many wait already, or when the attempt has to wait. The same time for users
    /// that are not there.
    /// </summary>
    /// <param name="attempt">Null where nobody can guess.</param>
    public async ValueTask<bool?> TryVerifyAsync(
        AuthUser? user, string password, LoginAttempt? attempt, CancellationToken cancellationToken)
    {
        var digest = user is null ? default : DigestOf(user, password);
        if (user is not null && _right.ContainsKey(digest))
        {
            attempt?.Settle(isRight: true);
            return true;
        }

        var from = LoginLimits.IsExempt(attempt?.Address) ? null : attempt?.Address;
        if (!TryQueue(from))
        {
            return null;
        }

        try
        {
            return await VerifyAsync(user, password, digest, attempt, cancellationToken);
        }
        finally
        {
            LeaveQueue(from);
        }
    }

    private async ValueTask<bool?> VerifyAsync(
        AuthUser? user, string password, TokenDigest digest, LoginAttempt? attempt, CancellationToken cancellationToken)
    {
        if (!await TryEnterAsync(cancellationToken))
        {
            return null;
        }

        try
        {
            // Others of the same name or address may have failed since it came.
            if (attempt is not null && attempt.Delay > TimeSpan.Zero)
            {
                return null;
            }

            var hash = user is null ? default : user.PasswordHash;
            var isRight = await Task.Run(() => hasher.Verify(password, hash.Span), cancellationToken);
            if (isRight)
            {
                Remember(digest);
            }

            attempt?.Settle(isRight);
            return isRight;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>One address must not make all others wait.</summary>
    private bool TryQueue(IPAddress? address)
    {
        if (address is null)
        {
            return true;
        }

        if (_waitingOf.AddOrUpdate(address, 1, static (_, count) => count + 1) <= WaitingPerAddressMax)
        {
            return true;
        }

        LeaveQueue(address);
        return false;
    }

    private void LeaveQueue(IPAddress? address)
    {
        if (address is not null && _waitingOf.AddOrUpdate(address, 0, static (_, count) => count - 1) == 0)
        {
            _waitingOf.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
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
